//! Why a line cannot be read.

use ink::InkError;
use model::ClassifyError;
use thiserror::Error;

/// A picture or a model that no line can be read from or with.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The model takes pictures as they are, and so has never seen ink by itself.
    #[error(
        "this model reads no lines of digits: it takes whole pictures, not ink; use a model \
         that was trained with `[input] kind = \"ink\"`"
    )]
    NoInk,
    /// The picture cannot be decoded.
    #[error(transparent)]
    Picture(#[from] InkError),
    /// The device failed.
    #[error(transparent)]
    Classify(#[from] ClassifyError),
}
