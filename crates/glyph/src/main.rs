//! Glyph's command line: trains, evaluates, explains and serves small-image classifiers.

mod annotation;
mod batches;
mod cli;
mod commands;
mod evaluated;
mod exit_code;
mod inputs;
mod models;
mod options;
mod output_folder;
mod step_pictures;

use std::process::ExitCode;

use clap::Parser;
use cli::Cli;
use terminal::print_error;

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

fn main() -> ExitCode {
    commands::run(Cli::parse()).unwrap_or_else(|error| {
        print_error(&error);
        ExitCode::from(exit_code::of(&error))
    })
}
