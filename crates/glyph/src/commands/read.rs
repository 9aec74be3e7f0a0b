//! `glyph read`: the numbers on pictures.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use model::{Compute, ModelFiles};
use reader::{Line, ReadError, Reader};
use terminal::{ComputeArguments, Console, Format, ReadingLine, Verbosity, print};

use crate::annotation::annotate;
use crate::batches::{answer_pictures, picture_error};
use crate::exit_code::InputResults;
use crate::inputs::Input;
use crate::models::find_model;
use crate::options::PictureOptions;
use crate::output_folder::OutputFolder;

/// Options of `glyph read`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph read number.png
  glyph read scans/ --format json
  glyph read number.png --annotate boxes")]
pub struct Options {
    #[command(flatten)]
    pictures: PictureOptions,
    /// Form of the results: text, json or csv
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    format: Format,
    /// Folder to write the pictures to, with a box around every digit
    #[arg(long, value_name = "DIR")]
    annotate: Option<PathBuf>,
}

/// Reads every picture, in the order in which they were named.
pub fn run(
    options: &Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    let console = Console::new(options.format, verbosity);
    let files = find_model(&options.pictures.model)?;
    let compute = compute.open()?;
    console.detail(&format!(
        "model {}, device {}, {} threads",
        files.name(),
        compute.name,
        compute.threads()
    ));
    let results = compute.install(|| read_all(options, &files, &compute, &console))?;
    Ok(results.into())
}

fn read_all(
    options: &Options,
    files: &ModelFiles,
    compute: &Compute,
    console: &Console,
) -> anyhow::Result<InputResults> {
    let reader = Reader::load(files, &compute.device)?;
    if let Some(layer) = reader.classifier().slow_layer() {
        console.message(&layer.message());
    }
    reader.check_reads_lines().with_context(|| options.pictures.model.clone())?;
    let annotations = options.annotate.as_deref().map(OutputFolder::new).transpose()?;
    if options.format == Format::Csv {
        print(&ReadingLine::csv_header()?);
    }
    let threshold = options.pictures.threshold;
    answer_pictures(
        &options.pictures.inputs,
        |input| read_one(&reader, input, options, annotations.as_ref()),
        Ok,
        |input, line: &Line| {
            let line =
                ReadingLine::new(input.name(), line, threshold, reader.classifier().class_names());
            print(&match options.format {
                Format::Text => line.text(),
                Format::Json => line.json()?,
                Format::Csv => line.csv()?,
            });
            Ok(())
        },
    )
}

/// Reads and draws one picture; an error names it.
fn read_one(
    reader: &Reader,
    input: &Input,
    options: &Options,
    annotations: Option<&OutputFolder>,
) -> anyhow::Result<Line> {
    let limit = options.pictures.pixel_limit();
    let name = input.name();
    let bytes = input.read(limit).with_context(|| name.clone())?;
    let line = reader.read(&bytes, limit).map_err(|error| match error {
        ReadError::Picture(error) => picture_error(input, &error),
        other => anyhow!("{name}: {other}"),
    })?;
    if let Some(folder) = annotations {
        let class_names = reader.classifier().class_names();
        annotate(folder, &name, &bytes, limit, &line, options.pictures.threshold, class_names)?;
    }
    Ok(line)
}
