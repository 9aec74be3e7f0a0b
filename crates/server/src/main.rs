//! Answers over HTTP what pictures show, and serves a page to draw on.

mod answer;
mod application;
mod batch;
mod body;
mod budget;
mod command_line;
mod connection;
mod console;
mod limits;
mod listener;
mod logging;
mod metrics;
mod model_card;
mod model_name;
mod observe;
mod openapi;
mod outcome;
mod picture;
mod preparers;
mod problem;
mod queue;
mod reading;
mod routes;
mod security;
mod serve;
mod served_model;
mod shutdown;
mod upload;
mod visit;
mod worker;

use std::process::ExitCode;

use clap::Parser;
use model::DeviceError;

use command_line::Arguments;
use model_name::NameError;

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let _flush_at_the_end = logging::start(arguments.log_format);
    match serve::serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

/// 2 for what the user wrote, 1 for what went wrong on the way.
fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<DeviceError>() || error.is::<NameError>() { 2 } else { 1 }
}
