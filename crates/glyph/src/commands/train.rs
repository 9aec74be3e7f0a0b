//! `glyph train`: from a config to a stored, tested model.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use runs::Observers;
use terminal::{
    ComputeArguments, Format, JsonObserver, LogObserver, TextObserver, Verbosity, text_or_json,
};
use trainer::{Ending, RunSource, TrainOptions};

/// Options of `glyph train`.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["config", "resume"]))]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Config to train, or a folder of pictures: as its glyph.toml says, or with what `glyph init` would
    /// propose
    #[arg(value_name = "CONFIG|DIR")]
    config: Option<PathBuf>,
    /// Continue the run in this folder from its last checkpoint
    #[arg(long, value_name = "DIR", conflicts_with_all = ["set", "output", "overwrite"])]
    resume: Option<PathBuf>,
    #[command(flatten)]
    train: TrainOptions,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json, help_heading = "Output")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  glyph train configs/cnn.toml
  glyph train pictures/
  glyph train configs/cnn.toml --set train.epochs=2 --set augment= -o artifacts/runs/mine
  glyph train --resume artifacts/runs/cnn";

/// Trains, prints the epochs and the result.
pub fn run(
    options: Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    let source = RunSource::new(options.config, options.resume).context("no config")?;
    let mut observers = Observers::default();
    match options.format {
        Format::Json => observers.add(JsonObserver::new(verbosity)),
        Format::Text | Format::Csv => observers.add(TextObserver::new(verbosity)),
    }
    observers.add(LogObserver);
    Ok(match trainer::train(&source, &options.train, compute, observers)? {
        Ending::Complete => ExitCode::SUCCESS,
        Ending::Interrupted(signal) => ExitCode::from(signal.exit_code()),
    })
}
