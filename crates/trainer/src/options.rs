//! Options of a training, shared by `trainer` and `glyph train`.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;

use clap::Args;

/// Minutes between two checkpoints of a long epoch.
const CHECKPOINT_MINUTES: f64 = 5.0;

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
    #[arg(long, value_name = "N", default_value_t = CHECKPOINT_MINUTES, value_parser = minutes, help_heading = "Output")]
    pub checkpoint_minutes: f64,
}

impl Default for TrainOptions {
    /// The options of a training without any on the command line.
    fn default() -> Self {
        Self {
            set: Vec::new(),
            output: None,
            overwrite: false,
            tensorboard: false,
            checkpoint_minutes: CHECKPOINT_MINUTES,
        }
    }
}

/// A time of up to a year.
fn minutes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=525_600.0).contains(number));
    number.ok_or_else(|| "expected a number of minutes, 0 or more".to_owned())
}
