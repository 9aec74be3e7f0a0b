//! The shape of an image.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The shape of an image: channels (1 for grey, 3 for RGB), height and width in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageShape {
    /// Number of channels.
    pub channels: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

impl ImageShape {
    /// The shape of MNIST's images.
    pub const MNIST: Self = Self { channels: 1, height: 28, width: 28 };

    /// Number of values in one image: channels × height × width.
    ///
    /// Saturates, so that a length check refuses a shape from a damaged file instead of
    /// overflowing.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.channels.saturating_mul(self.plane())
    }

    /// Number of values in one channel: height × width.
    pub(crate) fn plane(self) -> usize {
        self.height.saturating_mul(self.width)
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}×{}×{}", self.channels, self.height, self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 2, width: 3 };

    #[test]
    fn shape_reads_as_channels_height_width() {
        assert_eq!(SHAPE.to_string(), "1×2×3");
        assert_eq!(SHAPE.pixels(), 6);
    }

    #[test]
    fn shape_with_an_unknown_key_is_refused() {
        assert!(
            toml::from_str::<ImageShape>("channels = 1\nheight = 2\nwidth = 3\ndepth = 4").is_err()
        );
    }
}
