//! All that the program `trainer` does, as a library: so that tests can run it in their own process.

mod annotation;
mod baseline;
mod changes;
mod checkpoint;
mod command_line;
mod compare;
mod config;
mod config_file;
mod console;
mod dataset;
mod doubts;
mod epoch_loop;
mod evaluate;
mod evaluation;
mod event_file;
mod feed;
mod fused_adam;
mod images;
mod inputs;
mod interrupt;
mod layer_table;
mod loss;
mod metrics;
mod metrics_table;
mod optimizer;
mod output_folder;
mod portions;
mod predict;
mod prediction_line;
mod printed;
mod read;
mod reading_line;
mod renamed_keys;
mod report_files;
mod run_directory;
mod run_log;
mod run_report;
mod schedule;
mod significance;
mod silent;
mod step_pictures;
mod stored_run;
mod text_table;
mod train;
mod trainee;

use std::path::Path;
use std::process::ExitCode;

pub use command_line::Arguments;

use changes::Changes;
use command_line::Command;
use compare::CompareError;
use config_file::{ConfigError, ConfigFile};
use data::ImageShape;
use model::DeviceError;
use run_directory::DirectoryError;
use stored_run::StoredRunError;

/// Exit code of a run that was stopped by Ctrl-C, its progress saved: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

/// Does what was asked for, tells of it on the console, and returns the exit code.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    // On one of the threads that compute: else every operation would wake two others and sleep.
    let code = rayon::scope(|_| execute(arguments)).unwrap_or_else(|error| {
        console::complain(&error);
        ExitCode::from(exit_code(&error))
    });
    run_log::close();
    code
}

/// The config that a run would keep, resolved: made of `text`, as a file would hold it, and
/// `overrides`, as `--set` takes them, for images of `shape` in `classes` classes.
///
/// # Errors
///
/// The message that the program would print where it refuses the config for itself, and not for
/// the device or the images.
pub fn check_config(
    text: &str,
    overrides: &[String],
    shape: ImageShape,
    classes: usize,
) -> anyhow::Result<String> {
    let (file, config) = ConfigFile::new(Path::new("config.toml"), text.to_owned(), overrides)?;
    train::plan(&config, &file, shape, classes)?;
    Changes::new(&config, &file, shape)?;
    train::resolved(&config)
}

fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command() {
        Command::Train(options) => match train::train(&options)? {
            train::Ending::Complete => Ok(ExitCode::SUCCESS),
            train::Ending::Interrupted => Ok(ExitCode::from(INTERRUPTED)),
        },
        Command::Evaluate(options) => evaluate::evaluate(&options).map(|()| ExitCode::SUCCESS),
        Command::Predict(options) => predict::predict(&options).map(all_read),
        Command::Read(options) => read::read(&options).map(all_read),
        Command::Baseline(options) => baseline::baseline(&options).map(|()| ExitCode::SUCCESS),
        Command::Dataset(options) => dataset::dataset(&options).map(|()| ExitCode::SUCCESS),
        Command::Compare(options) => compare::compare(&options).map(|()| ExitCode::SUCCESS),
        Command::Devices => {
            console::print_devices(&model::list_backends());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// 1 where some pictures could not be read.
fn all_read(all: bool) -> ExitCode {
    if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// 2 for what the user wrote (a config, a flag, a device), 1 for what went wrong on the way.
fn exit_code(error: &anyhow::Error) -> u8 {
    let usage = error.is::<ConfigError>()
        || error.is::<DeviceError>()
        || error.is::<CompareError>()
        || error.downcast_ref::<StoredRunError>().is_some_and(StoredRunError::is_usage)
        || error.downcast_ref::<DirectoryError>().is_some_and(DirectoryError::is_usage);
    if usage { 2 } else { 1 }
}
