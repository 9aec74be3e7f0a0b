//! An HTTP server for models: an API that answers requests with pictures, and a page for drawing.

mod api;
mod console;
mod in_process;
mod inference;
mod logging;
mod metrics;
mod middleware;
mod net;
mod options;
mod page;
mod problem;
mod router;
mod serve;
mod state;

use std::process::ExitCode;

pub use in_process::InProcessServer;
pub use options::Arguments;

use inference::model_name::ModelNameError;
use model::DeviceError;

/// Serves until a signal arrives, and returns the exit code.
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

/// 2 for usage errors, 1 for failures.
fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<DeviceError>() || error.is::<ModelNameError>() { 2 } else { 1 }
}
