//! Why a picture cannot be drawn.

use std::error::Error;

use thiserror::Error;

/// Why a picture cannot be drawn.
#[derive(Debug, Error)]
pub enum PictureError {
    /// Nothing to show.
    #[error("there are no {what} to draw")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// Two inputs whose lengths do not match.
    #[error("{found} {what}: expected {expected}")]
    Length {
        /// What there are too many or too few of.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A class index that is out of range.
    #[error("{what} {index} is of class {class}, but there are {classes} classes")]
    Class {
        /// What has the class.
        what: &'static str,
        /// Its index.
        index: usize,
        /// Its class.
        class: usize,
        /// Number of classes.
        classes: usize,
    },
    /// An infinite value or NaN.
    #[error("{what} {index} is not a finite number")]
    NotFinite {
        /// What should have been finite.
        what: &'static str,
        /// Its index.
        index: usize,
    },
    /// An image that is neither greyscale nor RGB, or whose number of pixels does not match its shape.
    #[error(
        "an image of {channels}×{height}×{width} with {found} pixel values: expected 1 channel \
         (greyscale) or 3 (RGB), and a value for every channel, row and column"
    )]
    Image {
        /// Number of channels.
        channels: usize,
        /// Number of rows.
        height: usize,
        /// Number of columns.
        width: usize,
        /// Number of values.
        found: usize,
    },
    /// The picture would be larger than the largest canvas.
    #[error(
        "the picture would be {width}×{height} points large, the largest is {limit}×{limit}: show \
         fewer classes or images"
    )]
    TooLarge {
        /// Width in points.
        width: f32,
        /// Height in points.
        height: f32,
        /// The largest side in points.
        limit: f32,
    },
    /// The PNG encoder failed.
    #[error("the picture cannot be encoded as PNG")]
    Encode(#[source] Box<dyn Error + Send + Sync>),
}

/// An error unless `found` is `expected`.
pub(crate) fn require_length(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), PictureError> {
    if expected == found { Ok(()) } else { Err(PictureError::Length { what, expected, found }) }
}

/// An error if `items` is empty.
pub(crate) fn require_some<T>(what: &'static str, items: &[T]) -> Result<(), PictureError> {
    if items.is_empty() { Err(PictureError::Empty { what }) } else { Ok(()) }
}

/// An error for the first value that is infinite or NaN: no axis can show it.
pub(crate) fn require_finite(
    what: &'static str,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), PictureError> {
    match values.into_iter().position(|value| !value.is_finite()) {
        Some(index) => Err(PictureError::NotFinite { what, index }),
        None => Ok(()),
    }
}
