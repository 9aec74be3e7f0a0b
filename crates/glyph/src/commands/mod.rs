//! The commands, a file each. No command imports another.

pub mod baseline;
pub mod compare;
pub mod completions;
pub mod data;
mod devices;
pub mod evaluate;
pub mod man;
pub mod predict;
pub mod read;
pub mod serve;
pub mod train;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// Runs the command that the user has typed.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { command, compute, output } = cli;
    let verbosity = output.verbosity();
    match command {
        Command::Train(options) => train::run(options, &compute, verbosity),
        Command::Evaluate(options) => evaluate::run(&options, &compute, verbosity),
        Command::Compare(options) => compare::run(&options, verbosity),
        Command::Predict(options) => predict::run(&options, &compute, verbosity),
        Command::Read(options) => read::run(&options, &compute, verbosity),
        Command::Data(command) => data::run(&command, verbosity),
        Command::Baseline(options) => baseline::run(&options, verbosity),
        Command::Serve(options) => serve::run(&options, &compute, verbosity),
        Command::Devices => {
            devices::run();
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions(options) => {
            completions::run(&options);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man(options) => man::run(&options),
    }
}
