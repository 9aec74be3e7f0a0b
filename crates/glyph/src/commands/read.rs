//! `glyph read`: the numbers on pictures.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use reader::{ReadError, Reader, Reading};
use terminal::{ComputeArguments, Console, Format, ReadingLine, Verbosity, print};

use crate::annotation::annotate;
use crate::batches::{answer_pictures, picture_error};
use crate::input_results::InputResults;
use crate::inputs::{Input, find_all_inputs};
use crate::options::PictureOptions;
use crate::output_folder::{OutputFolder, make_output_folder};
use crate::read_from::ReadFrom;
use crate::with_reader::with_reader;

/// Options of `glyph read`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph read number.png
  glyph read scans/ --format json
  glyph read page.jpg --lines
  glyph read number.png --annotate boxes")]
pub struct Options {
    #[command(flatten)]
    pictures: PictureOptions,
    /// Form of the results: text, json or csv
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    format: Format,
    /// Read pages with several lines, one result for each line; without this, such a page is answered `?`
    #[arg(long)]
    lines: bool,
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
    with_reader(&options.pictures, compute, &console, |reader| read_all(options, reader))
}

fn read_all(options: &Options, reader: &Reader) -> anyhow::Result<InputResults> {
    reader.check_reads_lines().with_context(|| options.pictures.model.clone())?;
    let (inputs, found) = find_all_inputs(&options.pictures.inputs);
    let annotations = match &options.annotate {
        Some(folder) => Some(annotations(folder, &inputs)?),
        None => None,
    };
    if options.format == Format::Csv {
        print(&ReadingLine::csv_header()?);
    }
    let threshold = options.pictures.digit_threshold();
    answer_pictures(
        &inputs,
        found,
        |index, input| {
            let file = annotations.as_ref().map(|files| files[index].as_path());
            read_one(reader, input, options, file)
        },
        Ok,
        |input, reading: &Reading| {
            let class_names = reader.classifier().class_names();
            let line =
                ReadingLine::new(input.name(), reading, threshold, options.lines, class_names);
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
    annotated: Option<&Path>,
) -> anyhow::Result<Reading> {
    let limit = options.pictures.pixel_limit();
    let name = input.printable_name();
    let bytes = input.read(limit).with_context(|| name.clone())?;
    let reading = reader.read(&bytes, limit).map_err(|error| match error {
        ReadError::Picture(error) => picture_error(input, &error),
        other => anyhow!("{name}: {other}"),
    })?;
    if let Some(file) = annotated {
        let class_names = reader.classifier().class_names();
        let threshold = options.pictures.digit_threshold();
        annotate(file, &name, &bytes, limit, &reading, threshold, class_names)?;
    }
    Ok(reading)
}

/// The file in `folder` for the annotation of each picture. Makes the folder, unless pictures that
/// are read would be written over.
fn annotations(folder: &Path, inputs: &[Input]) -> anyhow::Result<Vec<PathBuf>> {
    let planned = OutputFolder::plan(folder, inputs);
    let with_extension = |place: &PathBuf| {
        let mut file = place.clone().into_os_string();
        file.push(".png");
        PathBuf::from(file)
    };
    let files: Vec<PathBuf> = planned.places().iter().map(with_extension).collect();
    let read = ReadFrom::pictures(inputs);
    files.iter().try_for_each(|file| read.spare(file))?;
    make_output_folder(folder)?;
    Ok(files)
}
