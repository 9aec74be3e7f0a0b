//! The exit code of a command that goes through a list of inputs.

use std::process::ExitCode;

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
