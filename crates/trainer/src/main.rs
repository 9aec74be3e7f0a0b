//! `trainer`: `glyph train` under the name that the README starts with.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use runs::Observers;
use terminal::{
    ComputeArguments, LogObserver, OutputArguments, TextObserver, check_printed, print_error,
};
use trainer::{Ending, RunSource, TrainOptions, exit_code, train};

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

/// Train a network as a config says, then evaluate it on the test split
#[derive(Parser)]
#[command(name = "trainer", version)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["config", "resume"]))]
struct Arguments {
    /// The config to train, or a folder of pictures
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Continue the run in this folder from its last checkpoint
    #[arg(long, value_name = "DIR", conflicts_with_all = ["set", "output", "overwrite"])]
    resume: Option<PathBuf>,
    #[command(flatten)]
    options: TrainOptions,
    #[command(flatten)]
    compute: ComputeArguments,
    #[command(flatten)]
    output: OutputArguments,
}

fn main() -> ExitCode {
    match run(Arguments::parse()).and_then(|ending| check_printed().map(|()| ending)) {
        Ok(Ending::Complete) => ExitCode::SUCCESS,
        Ok(Ending::Interrupted(signal)) => ExitCode::from(signal.exit_code()),
        Err(error) => {
            print_error(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    let source = RunSource::new(arguments.config, arguments.resume)
        .context("neither --config nor --resume")?;
    let mut observers = Observers::default();
    observers.add(TextObserver::new(arguments.output.verbosity()));
    observers.add(LogObserver);
    train(&source, &arguments.options, &arguments.compute, observers)
}
