//! Options that mean the same in every command.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use clap::{ArgAction, Args, ValueEnum};
use model::{Compute, ComputeOptions, DeviceError, KernelChoice};

use crate::console::Verbosity;

/// Where and how to compute.
#[derive(Args, Clone, Debug, Default)]
pub struct ComputeArguments {
    /// Device to compute on, for example flex or cuda:1; `glyph devices` lists them
    #[arg(
        long,
        value_name = "NAME",
        env = "GLYPH_DEVICE",
        global = true,
        help_heading = "Compute"
    )]
    pub device: Option<String>,
    /// Instructions of Glyph's CPU kernels: auto, avx512, avx2, portable; off = Burn's operations
    #[arg(
        long,
        value_name = "SET",
        env = "GLYPH_KERNELS",
        global = true,
        help_heading = "Compute"
    )]
    pub kernels: Option<KernelChoice>,
    /// Number of CPU threads [default: one per core]
    #[arg(long, value_name = "N", env = "GLYPH_THREADS", global = true, help_heading = "Compute", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

impl ComputeArguments {
    /// Opens the device, kernels and threads.
    ///
    /// # Errors
    /// When there is no such device, or the processor lacks the instructions.
    pub fn open(&self) -> Result<Compute, DeviceError> {
        Compute::open(&self.options(None, KernelChoice::default()))
    }

    /// The options, with a device and kernels for those that the user has left out.
    #[must_use]
    pub fn options(&self, device: Option<&str>, kernels: KernelChoice) -> ComputeOptions {
        ComputeOptions {
            device: self.device.clone().or_else(|| device.map(str::to_owned)),
            kernels: self.kernels.unwrap_or(kernels),
            threads: self.threads.map(usize::from),
        }
    }
}

/// How much to print.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct OutputArguments {
    /// Print no messages and no progress
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,
    /// Print more details
    #[arg(long, short, global = true, action = ArgAction::SetTrue, help_heading = "Output")]
    pub verbose: bool,
}

impl OutputArguments {
    /// The verbosity that the options ask for.
    #[must_use]
    pub fn verbosity(self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// The form of results on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people
    #[default]
    Text,
    /// JSON, one object per line
    Json,
    /// A table of comma-separated values with a header
    Csv,
}

/// Parses the format of a command whose results are no table.
///
/// # Errors
/// When the text is neither `text` nor `json`.
pub fn text_or_json(text: &str) -> Result<Format, String> {
    match text {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        _ => Err("expected text or json".to_owned()),
    }
}
