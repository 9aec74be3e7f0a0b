//! `glyph data`: looking at a data set.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

mod audit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use terminal::{ComputeArguments, Console, Format, Verbosity, text_or_json};
use trainer::inspection::{Overview, PICTURE_FILES, write_pictures};
use trainer::{Images, TrainingAugmentation};

use self::audit::AuditOptions;
use crate::data_config::read_data;
use crate::options::DataOptions;
use crate::read_from::ReadFrom;

/// The commands of `glyph data`.
#[derive(Subcommand)]
pub enum Command {
    /// Count images, measure pixels, find duplicates, draw samples
    Inspect(InspectOptions),
    /// Find wrong labels, near-duplicates and outliers by cross-validation
    Audit(AuditOptions),
}

/// Options of `glyph data inspect`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph data inspect configs/cnn.toml
  glyph data inspect pictures/ -o overview")]
pub struct InspectOptions {
    #[command(flatten)]
    data: DataOptions,
    /// Folder to write samples.png, augmented.png, negatives.png and class_images.png to
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json)]
    format: Format,
}

/// Runs a command of `glyph data`.
pub fn run(
    command: &Command,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(options) => {
            compute.open()?.install(|| inspect(options, verbosity))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Audit(options) => audit::run(options, compute, verbosity),
    }
}

fn inspect(options: &InspectOptions, verbosity: Verbosity) -> anyhow::Result<()> {
    let mut console = Console::new(options.format, verbosity);
    let (file, config) = read_data(&options.data, &console)?;
    if let Some(folder) = &options.output {
        let data = [Some(options.data.data.as_path()), config.dataset.path.as_deref()];
        let read = ReadFrom::paths(data.into_iter().flatten());
        PICTURE_FILES.iter().try_for_each(|file| read.spare(&folder.join(file)))?;
    }
    let images = Images::load(&config, &file, &mut |download| {
        console.download(&download.file, download.received, download.total);
    })?;
    images.source.notes.iter().for_each(|note| console.message(note));
    // Built even if nothing is drawn: what a training would refuse is refused here.
    let shape = images.source.train.shape();
    let augmentation = TrainingAugmentation::new(&config, &file, shape)?;
    let mut overview = Overview::new(&config, &images);
    if let Some(folder) = &options.output {
        let written = write_pictures(folder, &config, &images, &augmentation)?;
        written.notes.iter().for_each(|note| console.message(note));
        overview.pictures = written.paths;
    }
    console.result(&overview.text(), &overview);
    Ok(())
}
