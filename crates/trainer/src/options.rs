//! Options of a training, shared by `trainer` and `glyph train`.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;

use clap::Args;

/// How to train a run, besides its config.
#[derive(Args, Clone, Debug)]
pub struct TrainOptions {
    /// Override a key of the config, for example train.epochs=1; KEY= removes it (repeatable)
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Config")]
    pub set: Vec<String>,
    /// Folder to write [default: artifacts/runs/ and the config's name]
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Replace the run in the output folder; other files in it stay
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
    /// Also write event files for TensorBoard to the run's folder
    #[arg(long, help_heading = "Output")]
    pub tensorboard: bool,
    /// Write a checkpoint every N minutes of a long epoch, besides the one after every epoch
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = minutes, help_heading = "Output")]
    pub checkpoint_minutes: f64,
}

/// A time of up to a year.
fn minutes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=525_600.0).contains(number));
    number.ok_or_else(|| "expected a number of minutes, 0 or more".to_owned())
}
