//! An image: its shape and its `u8` pixels.

use crate::error::DataError;
use crate::shape::ImageShape;

/// An image of `u8` pixels in planar order: channel by channel, each row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub(crate) shape: ImageShape,
    pub(crate) pixels: Vec<u8>, // [channels, height, width]
}

impl Image {
    /// An image of `shape` with these pixels, `[channels, height, width]`.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptyShape`] if a side is zero, [`DataError::PixelCount`] if the number of
    /// pixels is not `shape.pixels()`.
    pub fn new(shape: ImageShape, pixels: Vec<u8>) -> Result<Self, DataError> {
        check_pixels(shape, 1, pixels.len())?;
        Ok(Self { shape, pixels })
    }

    /// The shape of the image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// The pixels, `[channels, height, width]`.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// An image and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledImage {
    /// The image.
    pub image: Image,
    /// The index of the class, from 0.
    pub label: u16,
}

/// Checks that `found` is the number of pixels of `count` images of this shape.
pub(crate) fn check_pixels(shape: ImageShape, count: usize, found: usize) -> Result<(), DataError> {
    if shape.pixels() == 0 {
        return Err(DataError::EmptyShape { shape });
    }
    let expected = shape.pixels().saturating_mul(count);
    if expected == found {
        Ok(())
    } else {
        Err(DataError::PixelCount { shape, count, expected, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 2, width: 3 };

    #[test]
    fn image_of_the_wrong_size_is_refused() {
        assert!(Image::new(SHAPE, vec![0; 6]).is_ok());
        assert!(matches!(
            Image::new(SHAPE, vec![0; 5]),
            Err(DataError::PixelCount { expected: 6, found: 5, .. })
        ));
        let empty = ImageShape { width: 0, ..SHAPE };
        assert!(matches!(Image::new(empty, Vec::new()), Err(DataError::EmptyShape { .. })));
    }

    #[test]
    fn absurd_shape_is_refused_without_overflow() {
        let absurd = ImageShape { channels: 3, height: usize::MAX, width: usize::MAX };
        assert!(Image::new(absurd, vec![0; 9]).is_err());
    }
}
