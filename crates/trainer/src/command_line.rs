//! What a user types.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they stand.

use std::path::PathBuf;

use baseline::Features;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ink::PixelLimit;
use model::KernelChoice;
use reader::DEFAULT_THRESHOLD;

use crate::printed::Format;

/// Train and evaluate small-image classifiers.
#[derive(Parser)]
#[command(name = "trainer", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// `trainer --config FILE` is short for `trainer train --config FILE`.
    #[command(flatten)]
    train: TrainOptions,
}

impl Arguments {
    /// The command to run; training when none is named.
    pub(crate) fn command(self) -> Command {
        self.command.unwrap_or(Command::Train(self.train))
    }
}

/// One thing the program does.
#[derive(Subcommand)]
pub enum Command {
    /// Train a network as a config says, then evaluate it on the test split
    Train(TrainOptions),
    /// Tell how good a trained model is, and where it errs
    Evaluate(EvaluateOptions),
    /// Tell what pictures show
    Predict(PredictOptions),
    /// Read the number on each picture: a line of digits
    Read(ReadOptions),
    /// Train a linear classifier on hand-made features of the same images, to compare with
    Baseline(BaselineOptions),
    /// Look at a data set before training on it
    Dataset(DatasetOptions),
    /// Compare runs: their figures, and whether the best is better by chance
    Compare(CompareOptions),
    /// List the backends compiled in and their devices
    Devices,
}

/// Options of `train`.
#[derive(Args)]
#[allow(clippy::struct_excessive_bools)] // Flags are.
#[command(group = clap::ArgGroup::new("source").required(true).args(["config", "resume"]))]
pub struct TrainOptions {
    /// The config to train
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Continue the run in this folder from its last checkpoint
    #[arg(long, value_name = "DIR", conflicts_with_all = ["set", "output", "overwrite"])]
    pub resume: Option<PathBuf>,
    /// Override a key of the config, for example train.epochs=1 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder to write; default: artifacts/runs/ and the config's name
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace the run in the output folder, if there is one
    #[arg(long)]
    pub overwrite: bool,
    /// Write event files for TensorBoard to the run's folder, too
    #[arg(long)]
    pub tensorboard: bool,
    /// Write a checkpoint after so many minutes in a long epoch; there is one after every epoch
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = minutes)]
    pub checkpoint_minutes: f64,
    #[command(flatten)]
    pub compute: ComputeOptions,
    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,
    /// Print one JSON object per epoch and one at the end
    #[arg(long)]
    pub json: bool,
}

/// Options of `evaluate`.
#[derive(Args)]
pub struct EvaluateOptions {
    /// Folder of the model, for example artifacts/runs/cnn
    pub model: PathBuf,
    /// Evaluate on the data set of this config; default: that which the model was trained on
    #[arg(long, value_name = "CONFIG")]
    pub dataset: Option<PathBuf>,
    /// The images to evaluate on
    #[arg(long, value_enum, default_value_t = SplitName::Test)]
    pub split: SplitName,
    /// Override a key of that config, for example dataset.test_images=1000 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder to write report.html, report.json, predictions.csv and plots/ to
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub compute: ComputeOptions,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `predict`.
#[derive(Args)]
pub struct PredictOptions {
    /// Folder of the model, for example artifacts/cnn
    pub model: PathBuf,
    /// Pictures (PNG, JPEG, BMP, GIF, TIFF, WebP), folders of pictures, - for the standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Tell the N most probable classes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub top_k: u16,
    /// How to print the answers
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Answer ? where the most probable class is less probable than this, 0 to 1
    #[arg(long, value_name = "P", default_value_t = DEFAULT_THRESHOLD, value_parser = probability)]
    pub threshold: f64,
    /// Folder to write a picture of every step from a page to the network's input to
    #[arg(long, value_name = "DIR")]
    pub show_steps: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitOptions,
    #[command(flatten)]
    pub compute: ComputeOptions,
}

/// Options of `read`.
#[derive(Args)]
pub struct ReadOptions {
    /// Folder of the model, for example artifacts/cnn
    pub model: PathBuf,
    /// Pictures (PNG, JPEG, BMP, GIF, TIFF, WebP), folders of pictures, - for the standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// How to print the numbers
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Read ? for every digit less probable than this, 0 to 1
    #[arg(long, value_name = "P", default_value_t = DEFAULT_THRESHOLD, value_parser = probability)]
    pub threshold: f64,
    /// Folder to write the pictures to, with a box around every digit and what it is
    #[arg(long, value_name = "DIR")]
    pub annotate: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitOptions,
    #[command(flatten)]
    pub compute: ComputeOptions,
}

/// Options of `baseline`.
#[derive(Args)]
pub struct BaselineOptions {
    /// What the classifier sees: pixels, edges (Sobel), lbp (local binary patterns), hog
    /// (histograms of oriented gradients)
    #[arg(long, value_name = "NAME", value_parser = features)]
    pub features: Features,
    /// The config that names the data set
    #[arg(long, value_name = "FILE", default_value = "configs/cnn.toml")]
    pub config: PathBuf,
    /// Override a key of the config, for example dataset.train_images=1000 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder to write report.html, report.json, predictions.csv and plots/ to
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a picture may cost.
#[derive(Args)]
pub struct LimitOptions {
    /// Refuse pictures of more pixels (width × height), and files of more than 4 bytes for each
    #[arg(long, value_name = "N", default_value_t = PixelLimit::default().0)]
    pub max_pixels: u64,
}

/// Options of `dataset`.
#[derive(Args)]
pub struct DatasetOptions {
    /// The config that names the data set
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Override a key of the config, for example dataset.validation=1000 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder to write samples.png, augmented.png, negatives.png and class_images.png to
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `compare`.
#[derive(Args)]
pub struct CompareOptions {
    /// Folders of the runs, two or more, for example artifacts/runs/cnn artifacts/runs/cnn-2
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// Folder to write learning_curves.png to
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Where and how to compute.
#[derive(Args)]
pub struct ComputeOptions {
    /// Where to compute, for example flex or cuda:1; see `trainer devices`
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Instructions of Glyph's CPU kernels: auto, avx512, avx2, portable; off = Burn's operations
    #[arg(long, value_name = "SET")]
    pub kernels: Option<KernelChoice>,
}

/// A part of the data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitName {
    /// What the network was trained on.
    Train,
    /// What was held out of the training split.
    Validation,
    /// What neither training nor any choice has seen.
    Test,
}

/// Features by their name.
fn features(name: &str) -> Result<Features, String> {
    let found = Features::ALL.into_iter().find(|features| features.name() == name);
    found.ok_or_else(|| format!("there are {}", Features::ALL.map(Features::name).join(", ")))
}

/// A time of up to a year.
fn minutes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=525_600.0).contains(number));
    number.ok_or_else(|| "expected a number of minutes, 0 or more".to_owned())
}

/// A number from 0 to 1.
fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("trainer").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn training_needs_no_subcommand() {
        for line in ["--config a.toml --set train.epochs=1", "train --config a.toml"] {
            let command = parse(line).unwrap().command();
            assert!(matches!(command, Command::Train(options) if options.config.is_some()));
        }
    }

    #[test]
    fn training_needs_a_config_or_a_run_to_resume() {
        for line in ["", "train", "--config a.toml --resume b", "--resume b --overwrite"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
