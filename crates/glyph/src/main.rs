//! Glyph's command line: trains, evaluates, explains and serves small-image classifiers.

mod annotation;
mod batches;
mod cli;
mod commands;
mod data_config;
mod evaluated;
mod exit_code;
mod input_results;
mod inputs;
mod models;
mod options;
mod output_folder;
mod read_from;
mod step_pictures;
mod with_reader;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command};
use commands::{
    baseline, compare, completions, data, devices, evaluate, init, man, predict, read, schema,
    serve, train,
};
use terminal::{check_printed, print_error};

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

fn main() -> ExitCode {
    let ended = run(Cli::parse()).and_then(|code| check_printed().map(|()| code));
    ended.unwrap_or_else(|error| {
        print_error(&error);
        ExitCode::from(exit_code::of(&error))
    })
}

/// Runs the command that the user has typed.
fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { command, compute, output } = cli;
    let verbosity = output.verbosity();
    match command {
        Command::Init(options) => init::run(&options, &compute, verbosity),
        Command::Train(options) => train::run(options, &compute, verbosity),
        Command::Evaluate(options) => evaluate::run(&options, &compute, verbosity),
        Command::Compare(options) => compare::run(&options, verbosity),
        Command::Predict(options) => predict::run(&options, &compute, verbosity),
        Command::Read(options) => read::run(&options, &compute, verbosity),
        Command::Data(command) => data::run(&command, &compute, verbosity),
        Command::Baseline(options) => baseline::run(&options, &compute, verbosity),
        Command::Serve(options) => serve::run(&options, &compute, verbosity),
        Command::Devices => Ok(devices::run()),
        Command::Schema(_) => schema::run(),
        Command::Completions(options) => Ok(completions::run(&options, &mut Cli::command())),
        Command::Man(options) => man::run(&options, Cli::command()),
    }
}
