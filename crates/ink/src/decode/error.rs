//! Errors of decoding a picture.

use image::ImageError;
use thiserror::Error;

/// Why a picture is rejected. The message does not contain the file's name; the caller adds it.
#[derive(Debug, Error)]
pub enum InkError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file has more bytes than the limit.
    #[error("the file has more than {limit} bytes, the limit")]
    FileTooLarge {
        /// The largest accepted number of bytes.
        limit: u64,
    },
    /// The content is in none of the supported formats.
    #[error("not a picture: expected PNG, JPEG, BMP, GIF, TIFF or WebP")]
    UnknownFormat,
    /// The header declares more pixels than the limit.
    #[error("{width}×{height} pixels (width×height) exceed the limit of {limit} pixels")]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The largest accepted number of pixels.
        limit: u64,
    },
    /// The file ends before the last pixel.
    #[error("the file is cut off: its end is missing")]
    Truncated,
    /// The decoder rejects the file for another reason.
    #[error(transparent)]
    Decode(#[from] ImageError),
}

impl InkError {
    /// Whether a larger [`PixelLimit`](crate::PixelLimit) may accept the picture.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::FileTooLarge { .. } | Self::TooManyPixels { .. })
    }
}
