//! `trainer read`: the numbers on pictures.

use anyhow::{Context, anyhow};
use ink::PixelLimit;
use model::open_device;
use reader::{Line, ReadError, Reader};

use crate::annotation::annotate;
use crate::command_line::ReadOptions;
use crate::console;
use crate::inputs::Input;
use crate::output_folder::OutputFolder;
use crate::portions::{answer_pictures, picture_error};
use crate::printed::Format;
use crate::reading_line::ReadingLine;

/// Reads every picture, in the order in which they were named. Tells whether all could be read.
pub fn read(options: &ReadOptions) -> anyhow::Result<bool> {
    let device = open_device(
        options.compute.device.as_deref(),
        options.compute.kernels.unwrap_or_default(),
    )?;
    let reader = Reader::load(&options.model, &device.device)?;
    reader.check_reads_lines().with_context(|| options.model.display().to_string())?;
    let annotations = options.annotate.as_deref().map(OutputFolder::new).transpose()?;
    if options.format == Format::Csv {
        console::print(&ReadingLine::csv_header()?);
    }
    answer_pictures(
        &options.inputs,
        |input| read_one(&reader, input, options, annotations.as_ref()),
        Ok,
        |input, line: &Line| {
            let class_names = reader.classifier().class_names();
            let line = ReadingLine::new(input.name(), line, options.threshold, class_names);
            console::print(&match options.format {
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
    options: &ReadOptions,
    annotations: Option<&OutputFolder>,
) -> anyhow::Result<Line> {
    let limit = PixelLimit(options.limits.max_pixels);
    let name = input.name();
    let bytes = input.read(limit).with_context(|| name.clone())?;
    let line = reader.read(&bytes, limit).map_err(|error| match error {
        ReadError::Picture(error) => picture_error(input, &error),
        other => anyhow!("{name}: {other}"),
    })?;
    if let Some(folder) = annotations {
        let class_names = reader.classifier().class_names();
        annotate(folder, &name, &bytes, limit, &line, options.threshold, class_names)?;
    }
    Ok(line)
}
