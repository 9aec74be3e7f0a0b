//! Exit codes: 0 done, 1 failed, 2 for what the user typed, wrote or named.

use std::process::ExitCode;

use runs::ReadError;

use crate::commands::compare::CompareError;
use crate::inputs::MissingInput;
use crate::models::ModelNotFound;

/// The exit code of a program that ends with `error`.
pub fn of(error: &anyhow::Error) -> u8 {
    let is_usage = error.is::<CompareError>()
        || error.is::<ModelNotFound>()
        || error.is::<MissingInput>()
        || error.is::<server::ModelNameError>()
        || error.downcast_ref::<ReadError>().is_some_and(ReadError::is_usage);
    if is_usage { 2 } else { trainer::exit_code(error) }
}

/// How going through a list of inputs ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputResults {
    /// Inputs that do not exist.
    pub missing: usize,
    /// Inputs that exist and could not be used.
    pub failed: usize,
}

impl From<InputResults> for ExitCode {
    fn from(results: InputResults) -> Self {
        match results {
            InputResults { missing: 0, failed: 0 } => Self::SUCCESS,
            InputResults { missing: 0, .. } => Self::FAILURE,
            InputResults { .. } => Self::from(2),
        }
    }
}
