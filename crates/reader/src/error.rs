//! Errors of reading a line of digits.

use ink::InkError;
use model::ClassifyError;
use thiserror::Error;

/// Why a line of digits cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The model takes whole pictures, not single characters.
    #[error(
        "this model cannot read lines of digits: it takes whole pictures, not single characters; use \
         a model that was trained with `[input] kind = \"ink\"`"
    )]
    NoInk,
    /// The model predicts any number of classes, not one for each digit.
    #[error(
        "this model cannot read lines of digits: it predicts any number of classes for a picture; use \
         `glyph predict`, or a model that was trained with `[task] kind = \"classify\"`"
    )]
    MultiLabel,
    /// The picture cannot be decoded.
    #[error(transparent)]
    Picture(#[from] InkError),
    /// The device failed.
    #[error(transparent)]
    Classify(#[from] ClassifyError),
}
