//! `glyph predict`: what pictures show.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use reader::{PreparationKind, Prepared, Reader};
use terminal::{ComputeArguments, Console, Format, LabelsLine, PredictionLine, Verbosity, print};

use crate::batches::{answer_pictures, picture_error};
use crate::input_results::InputResults;
use crate::inputs::{Input, find_all_inputs};
use crate::options::PictureOptions;
use crate::step_pictures::StepPictures;
use crate::with_reader::with_reader;

/// Options of `glyph predict`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph predict seven.jpg
  glyph predict scans/ --format csv > answers.csv
  glyph predict seven.jpg --show-steps steps
  cat seven.jpg | glyph predict -")]
pub struct Options {
    #[command(flatten)]
    pictures: PictureOptions,
    /// Print the N most probable classes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top_k: u16,
    /// Form of the results: text, json or csv
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    format: Format,
    /// Folder to write a picture of every preprocessing step to
    #[arg(long, value_name = "DIR")]
    show_steps: Option<PathBuf>,
}

/// Answers every picture, in the order in which they were named.
pub fn run(
    options: &Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    let console = Console::new(options.format, verbosity);
    with_reader(&options.pictures, compute, &console, |reader| predict(options, reader))
}

fn predict(options: &Options, reader: &Reader) -> anyhow::Result<InputResults> {
    let (inputs, found) = find_all_inputs(&options.pictures.inputs);
    let steps = step_pictures(options, reader, &inputs)?;
    let top_k = options.top_k.into();
    let multi_label = options.pictures.label_thresholds(reader.classifier());
    if options.format == Format::Csv {
        print(&match multi_label {
            None => PredictionLine::csv_header(top_k)?,
            Some(_) => LabelsLine::csv_header(top_k)?,
        });
    }
    let threshold = reader.threshold(options.pictures.threshold);
    answer_pictures(
        &inputs,
        found,
        |index, input| prepare(reader, index, input, options, steps.as_ref()),
        |pictures: Vec<Prepared>| Ok(reader.answer(&pictures)?),
        |input, answer| {
            let classes = reader.classifier().class_names();
            let Some(multi_label) = &multi_label else {
                let line = PredictionLine::new(input.name(), answer, &threshold, classes, top_k);
                print(&match options.format {
                    Format::Text => line.text(),
                    Format::Json => line.json()?,
                    Format::Csv => line.csv(top_k)?,
                });
                return Ok(());
            };
            let line = LabelsLine::new(input.name(), answer, multi_label, classes, top_k);
            print(&match options.format {
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
    index: usize,
    input: &Input,
    options: &Options,
    steps: Option<&StepPictures>,
) -> anyhow::Result<Prepared> {
    let limit = options.pictures.pixel_limit();
    let bytes = input.read(limit).with_context(|| input.printable_name())?;
    let mut seen = Vec::new();
    let prepared = reader.prepare(&bytes, limit, |step, picture| {
        if steps.is_some() {
            seen.push((step, picture.clone()));
        }
    });
    let prepared = prepared.map_err(|error| picture_error(input, &error))?;
    if let Some(steps) = steps {
        steps.write(index, &input.name(), &seen)?;
    }
    Ok(prepared)
}

/// The folder for pictures of the steps, if they were asked for.
fn step_pictures(
    options: &Options,
    reader: &Reader,
    inputs: &[Input],
) -> anyhow::Result<Option<StepPictures>> {
    let Some(folder) = &options.show_steps else { return Ok(None) };
    if reader.preparation().kind == PreparationKind::Picture {
        bail!(
            "{}: pictures are only scaled for this model, so there are no steps to show: leave out \
             --show-steps",
            options.pictures.model
        );
    }
    StepPictures::new(folder, inputs).map(Some)
}
