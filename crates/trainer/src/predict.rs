//! `trainer predict`: what pictures show.

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use ink::{InkError, PixelLimit};
use model::open_device;
use rayon::prelude::*;
use reader::{Preparation, Prepared, Reader};

use crate::command_line::PredictOptions;
use crate::console;
use crate::inputs::{Input, find_inputs};
use crate::prediction_line::{Format, PredictionLine};
use crate::step_pictures::StepPictures;

/// A portion that took longer is followed by a smaller one, so that answers keep coming.
const PATIENCE: Duration = Duration::from_millis(100);
/// Pictures of a portion at most.
const LARGEST_PORTION: usize = 1000;

/// Answers every picture, in the order in which they were named. Tells whether all could be read.
pub fn predict(options: &PredictOptions) -> anyhow::Result<bool> {
    let device = open_device(options.compute.device.as_deref(), options.compute.kernels)?;
    let reader = Reader::load(&options.model, &device.device)?;
    let steps = step_pictures(options, &reader)?;
    let top_k = options.top_k.into();
    let mut all_read = true;
    let mut refuse = |error: anyhow::Error| {
        console::complain(&error);
        all_read = false;
    };
    let mut inputs = Vec::new();
    for named in &options.inputs {
        match find_inputs(named) {
            Ok(found) => inputs.extend(found),
            Err(error) => refuse(error),
        }
    }
    if options.format == Format::Csv {
        console::print(&PredictionLine::csv_header(top_k)?);
    }
    let mut rest = inputs.as_slice();
    let mut portion = rayon::current_num_threads();
    while !rest.is_empty() {
        let start = Instant::now();
        let (now, later) = rest.split_at(portion.min(rest.len()));
        rest = later;
        // In the place of a picture that cannot be read stands a blank one.
        let (pictures, errors): (Vec<_>, Vec<_>) = now
            .par_iter()
            .map(|input| match prepare(&reader, input, options, steps.as_ref()) {
                Ok(picture) => (picture, None),
                Err(error) => (Prepared::Blank, Some(error)),
            })
            .unzip();
        let answers = reader.answer(&pictures, options.threshold)?;
        for ((input, answer), error) in now.iter().zip(&answers).zip(errors) {
            if let Some(error) = error {
                refuse(error);
                continue;
            }
            let classes = reader.classifier().class_names();
            let line = PredictionLine::new(input.name(), answer, classes, top_k);
            console::print(&match options.format {
                Format::Text => line.text(),
                Format::Json => line.json()?,
                Format::Csv => line.csv(top_k)?,
            });
        }
        portion = if start.elapsed() < PATIENCE { 2 * portion } else { portion.div_ceil(2) };
        portion = portion.min(LARGEST_PORTION);
    }
    Ok(all_read)
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

/// What is wrong with a picture, with its name and the option that lets it pass.
fn picture_error(input: &Input, error: &InkError) -> anyhow::Error {
    let remedy = if error.is_limit() { ": raise it with --max-pixels" } else { "" };
    anyhow!("{}: {error}{remedy}", input.name())
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
