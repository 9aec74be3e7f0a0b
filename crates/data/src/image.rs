//! An image: its shape and its `u8` pixels.

use crate::error::DataError;
use crate::shape::ImageShape;
use crate::targets::Label;

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

    /// The pixels, `[channels, height, width]`.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The image with both sides shrunk by `factor`, at least 1: means of squares of pixels. Sides
    /// are rounded down to at least one pixel.
    #[must_use]
    pub fn reduced(&self, factor: usize) -> Self {
        let ImageShape { channels, height, width } = self.shape;
        let shape = ImageShape {
            channels,
            height: (height / factor).max(1),
            width: (width / factor).max(1),
        };
        let mean = |at: usize| {
            let (channel, row, column) =
                (at / shape.plane(), at / shape.width % shape.height, at % shape.width);
            let rows = row * factor..((row + 1) * factor).min(height);
            let columns = column * factor..((column + 1) * factor).min(width);
            let count = rows.len() * columns.len();
            let lines = rows.map(|row| &self.pixels[(channel * height + row) * width..]);
            let sum = |line: &[u8]| -> u64 {
                line[columns.clone()].iter().map(|&level| u64::from(level)).sum()
            };
            (lines.map(sum).sum::<u64>() / count as u64) as u8
        };
        Self { shape, pixels: (0..shape.pixels()).map(mean).collect() }
    }
}

/// An image and its class or classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledImage {
    /// The image.
    pub image: Image,
    /// The indices of its classes, from 0.
    pub label: Label,
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
    fn a_reduced_image_has_the_means_of_squares() {
        let shape = ImageShape { channels: 2, height: 2, width: 5 };
        let pixels = vec![0, 2, 10, 20, 99, 4, 6, 30, 40, 99, 8, 8, 1, 1, 99, 8, 8, 1, 1, 99];
        let reduced = Image::new(shape, pixels).unwrap().reduced(2);
        assert_eq!(reduced.shape(), ImageShape { channels: 2, height: 1, width: 2 });
        assert_eq!(reduced.pixels(), [3, 25, 8, 1]);
        let thin =
            Image::new(ImageShape { channels: 1, height: 1, width: 3 }, vec![3, 6, 9]).unwrap();
        assert_eq!(thin.reduced(4).pixels(), [6]);
    }

    #[test]
    fn absurd_shape_is_refused_without_overflow() {
        let absurd = ImageShape { channels: 3, height: usize::MAX, width: usize::MAX };
        assert!(Image::new(absurd, vec![0; 9]).is_err());
    }
}
