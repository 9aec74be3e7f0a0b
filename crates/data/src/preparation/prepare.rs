//! From a picture's bytes to the image that a network takes.

use image::{DynamicImage, GrayImage};
use ink::{InkError, PixelLimit, Step, decode, decode_over, luminance, normalize};

use super::{Polarity, Preparation, PreparationKind, Prepared};
use crate::image::Image;
use crate::shape::ImageShape;

impl Preparation {
    /// Decodes and prepares a picture for a network that takes images of `shape`; passes every step
    /// from the page to the ink to `watch`.
    ///
    /// # Errors
    ///
    /// Those of [`ink::decode`].
    pub fn prepare(
        self,
        bytes: &[u8],
        limit: PixelLimit,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Result<Prepared, InkError> {
        Ok(match self.kind {
            PreparationKind::Ink => find_ink(&decode(bytes, limit)?, watch),
            PreparationKind::Picture => {
                self.scale(decode_over(bytes, limit, self.background.colour())?, shape)
            }
        })
    }

    /// Prepares a picture of grey levels as [`Self::prepare`] does one from a file; for a network
    /// that takes colours, it becomes three equal planes.
    #[must_use]
    pub fn prepare_grey(
        self,
        page: GrayImage,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Prepared {
        match self.kind {
            PreparationKind::Ink => find_ink(&page, watch),
            PreparationKind::Picture => self.scale(page.into(), shape),
        }
    }

    /// The whole picture, of 8 bits and opaque, as an image of `shape`.
    fn scale(self, picture: DynamicImage, shape: ImageShape) -> Prepared {
        // Grey pictures become colours last, and colours grey first: scaling one channel is faster.
        let picture = if shape.channels == 1 { luminance(picture).into() } else { picture };
        let size = (shape.width as u32, shape.height as u32);
        let pixels = match self.fit.apply(picture, size, self.background) {
            DynamicImage::ImageLuma8(grey) => grey.into_raw().repeat(shape.channels),
            colours => planar(&colours.into_rgb8().into_raw()),
        };
        Prepared::new(shape, self.polarity.apply(pixels), true)
    }
}

impl Polarity {
    fn apply(self, mut pixels: Vec<u8>) -> Vec<u8> {
        if self == Self::Invert {
            for level in &mut pixels {
                *level = 255 - *level;
            }
        }
        pixels
    }
}

impl Prepared {
    /// Pixels of one channel or of three; a network has no other shapes.
    fn new(shape: ImageShape, pixels: Vec<u8>, is_clear: bool) -> Self {
        Image::new(shape, pixels).map_or(Self::Blank, |image| Self::Image { image, is_clear })
    }
}

fn find_ink(page: &GrayImage, watch: impl FnMut(Step, &GrayImage)) -> Prepared {
    normalize(page, watch).map_or(Prepared::Blank, |found| {
        let is_clear = found.is_clear();
        Prepared::new(ImageShape::MNIST, found.image.into_raw(), is_clear)
    })
}

/// Interleaved colours plane by plane.
fn planar(colours: &[u8]) -> Vec<u8> {
    (0..3).flat_map(|channel| colours.iter().skip(channel).step_by(3).copied()).collect()
}
