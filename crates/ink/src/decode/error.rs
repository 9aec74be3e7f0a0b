//! Why a picture cannot be read, with the remedy where there is one.

use image::ImageError;
use thiserror::Error;

/// A picture that is refused. The text does not repeat the file's name: whoever has it, adds it.
#[derive(Debug, Error)]
pub enum InkError {
    /// A file of no bytes.
    #[error("the file is empty")]
    Empty,
    /// More bytes than the limit.
    #[error("the file has more than {limit} bytes, the limit")]
    FileTooLarge {
        /// Bytes that are accepted.
        limit: u64,
    },
    /// Content that starts like no picture.
    #[error("not a picture: expected PNG, JPEG, BMP, GIF, TIFF or WebP")]
    UnknownFormat,
    /// More pixels than the limit, found in the header and not decoded.
    #[error("{width}×{height} pixels (width×height) exceed the limit of {limit} pixels")]
    TooManyPixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels that are accepted.
        limit: u64,
    },
    /// A picture that ends before its last pixel.
    #[error("the file is cut off: its end is missing")]
    Truncated,
    /// Anything else that the decoder refuses.
    #[error(transparent)]
    Decode(#[from] ImageError),
}

impl InkError {
    /// Whether a greater [`PixelLimit`](crate::PixelLimit) would let the picture pass.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::FileTooLarge { .. } | Self::TooManyPixels { .. })
    }
}
