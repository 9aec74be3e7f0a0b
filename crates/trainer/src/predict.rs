//! `trainer predict`: what pictures show.

use anyhow::{Context, bail};
use ink::PixelLimit;
use model::open_device;
use reader::{Preparation, Prepared, Reader};

use crate::command_line::PredictOptions;
use crate::console;
use crate::inputs::Input;
use crate::portions::{answer_pictures, picture_error};
use crate::prediction_line::PredictionLine;
use crate::printed::Format;
use crate::step_pictures::StepPictures;

/// Answers every picture, in the order in which they were named. Tells whether all could be read.
pub fn predict(options: &PredictOptions) -> anyhow::Result<bool> {
    let device = open_device(
        options.compute.device.as_deref(),
        options.compute.kernels.unwrap_or_default(),
    )?;
    let reader = Reader::load(&options.model, &device.device)?;
    let steps = step_pictures(options, &reader)?;
    let top_k = options.top_k.into();
    if options.format == Format::Csv {
        console::print(&PredictionLine::csv_header(top_k)?);
    }
    answer_pictures(
        &options.inputs,
        |input| prepare(&reader, input, options, steps.as_ref()),
        |pictures: Vec<Prepared>| Ok(reader.answer(&pictures)?),
        |input, answer| {
            let classes = reader.classifier().class_names();
            let line = PredictionLine::new(input.name(), answer, options.threshold, classes, top_k);
            console::print(&match options.format {
                Format::Text => line.text(),
                Format::Json => line.json()?,
                Format::Csv => line.csv(top_k)?,
            });
            Ok(())
        },
    )
}

/// Reads and prepares one picture; an error names it.
fn prepare(
    reader: &Reader,
    input: &Input,
    options: &PredictOptions,
    steps: Option<&StepPictures>,
) -> anyhow::Result<Prepared> {
    let limit = PixelLimit(options.limits.max_pixels);
    let bytes = input.read(limit).with_context(|| input.name())?;
    let mut seen = Vec::new();
    let prepared = reader.prepare(&bytes, limit, |step, picture| {
        if steps.is_some() {
            seen.push((step, picture.clone()));
        }
    });
    let prepared = prepared.map_err(|error| picture_error(input, &error))?;
    if let Some(steps) = steps {
        steps.write(&input.name(), &seen)?;
    }
    Ok(prepared)
}

/// Where to put pictures of the steps, if they were asked for.
fn step_pictures(
    options: &PredictOptions,
    reader: &Reader,
) -> anyhow::Result<Option<StepPictures>> {
    let Some(folder) = &options.show_steps else { return Ok(None) };
    if reader.preparation() == Preparation::Scaled {
        bail!(
            "{}: pictures are only scaled for this model: there are no steps to show; leave out \
             --show-steps",
            options.model.display()
        );
    }
    StepPictures::new(folder).map(Some)
}
