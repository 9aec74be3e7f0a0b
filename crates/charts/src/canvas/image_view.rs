//! A borrowed image, as data sets store it.

use crate::error::PictureError;

/// A greyscale or RGB image of borrowed `u8` pixels, `[channels, height, width]`, from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageView<'a> {
    channels: usize,
    height: usize,
    width: usize,
    pixels: &'a [u8], // [channels, height, width]
}

impl<'a> ImageView<'a> {
    /// An image from its `pixels`, `[channels, height, width]`.
    ///
    /// # Errors
    /// [`PictureError::Image`] unless there are 1 or 3 channels, the width and the height are not zero,
    /// and the number of pixels is their product.
    pub fn new(
        channels: usize,
        height: usize,
        width: usize,
        pixels: &'a [u8],
    ) -> Result<Self, PictureError> {
        let found = pixels.len();
        if !matches!(channels, 1 | 3)
            || found == 0
            || channels.saturating_mul(height).saturating_mul(width) != found
        {
            return Err(PictureError::Image { channels, height, width, found });
        }
        Ok(Self { channels, height, width, pixels })
    }

    /// Number of channels, 1 or 3.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The pixels, `[channels, height, width]`.
    #[must_use]
    pub fn pixels(&self) -> &'a [u8] {
        self.pixels
    }

    /// Width divided by height.
    pub(crate) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// Red, green and blue, row by row.
    pub(crate) fn colors(&self) -> impl Iterator<Item = [u8; 3]> {
        let plane = self.height * self.width;
        let step = if self.channels == 3 { plane } else { 0 };
        (0..plane).map(move |pixel| {
            [self.pixels[pixel], self.pixels[pixel + step], self.pixels[pixel + 2 * step]]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_has_one_or_three_channels_and_all_its_pixels() {
        assert!(ImageView::new(1, 2, 3, &[0; 6]).is_ok());
        assert!(ImageView::new(3, 1, 2, &[0; 6]).is_ok());
        for (channels, height, width) in [(2, 1, 3), (1, 2, 2), (1, 0, 6), (3, usize::MAX, 6)] {
            let image = ImageView::new(channels, height, width, &[0; 6]);
            assert!(matches!(image, Err(PictureError::Image { .. })));
        }
        assert!(ImageView::new(1, 0, 0, &[]).is_err());
    }

    #[test]
    fn planes_become_colours() {
        let rgb = ImageView::new(3, 1, 2, &[1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(rgb.colors().collect::<Vec<_>>(), [[1, 3, 5], [2, 4, 6]]);
        let grey = ImageView::new(1, 1, 2, &[7, 8]).unwrap();
        assert_eq!(grey.colors().collect::<Vec<_>>(), [[7, 7, 7], [8, 8, 8]]);
    }
}
