//! From a config through Burn's Learner to a run: everything that training does, as a library.
//!
//! [`train`] is the entry point. A [`config`] says what to train, a [`task`] what is learned; events
//! go to [`runs::Observer`]s, and this crate prints nothing. The program `trainer` of this package is
//! `glyph train` under the name that the README starts with.

pub mod audit;
mod augmentation;
pub mod config;
mod images;
pub mod inspection;
mod learn;
mod optim;
mod options;
pub mod proposal;
pub mod task;
mod viewed_images;

pub use augmentation::TrainingAugmentation;
pub use images::{Images, data_error, load_source};
pub use learn::{Ending, RunSource, Signal, check_config, train};
pub use options::TrainOptions;

use config::ConfigError;
use model::DeviceError;
use proposal::ProposalError;
use runs::DirectoryError;

/// The exit code of a program that ends with `error`: 2 for what the user wrote (a config, an
/// option), 1 for anything else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let is_usage = error.is::<ConfigError>()
        || error.is::<ProposalError>()
        || error.is::<DeviceError>()
        || error.downcast_ref::<DirectoryError>().is_some_and(DirectoryError::is_usage);
    if is_usage { 2 } else { 1 }
}
