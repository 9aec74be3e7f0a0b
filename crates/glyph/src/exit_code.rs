//! Exit codes: 0 done, 1 failed, 2 for what the user typed, wrote or named.

use runs::ReadError;

use crate::commands::compare::CompareError;
use crate::commands::evaluate::CorruptionsRefused;
use crate::inputs::MissingInput;
use crate::models::ModelNotFound;
use crate::options::InputRefused;
use crate::read_from::WouldOverwrite;

/// The exit code of a program that ends with `error`.
pub fn of(error: &anyhow::Error) -> u8 {
    let is_usage = error.is::<CompareError>()
        || error.is::<CorruptionsRefused>()
        || error.is::<ModelNotFound>()
        || error.is::<MissingInput>()
        || error.is::<InputRefused>()
        || error.is::<WouldOverwrite>()
        || error.is::<server::ModelNameError>()
        || error.is::<server::TokenStoreError>()
        || error.downcast_ref::<ReadError>().is_some_and(ReadError::is_usage);
    if is_usage { 2 } else { trainer::exit_code(error) }
}
