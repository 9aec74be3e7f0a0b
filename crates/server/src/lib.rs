//! All that the program `server` does, as a library: so that tests can talk to it in their own process.

mod answer;
mod application;
mod batch;
mod body;
mod budget;
mod command_line;
mod connection;
mod console;
mod conversation;
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

pub use command_line::Arguments;
pub use conversation::Conversations;

use model::DeviceError;
use model_name::NameError;

/// Serves until it is told to end, and returns the exit code.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    let _flush_at_the_end = logging::start(arguments.log_format);
    match serve::serve(arguments) {
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
