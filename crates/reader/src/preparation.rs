//! From a picture's bytes to the image that a model takes.

use data::{Image, ImageShape};
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Pixel, RgbImage};
use ink::{InkError, PixelLimit, Step, decode, decode_colours, normalize};
use model::{Preparation, PreparationKind};

/// Wider pictures are first averaged to this width, in pixels. Interpolation holds all columns at the
/// height of the network's input, in 16 bytes each: 18 GB for 40,000,000×1 pixels and a height of 28.
const MAX_WIDTH: u32 = 1 << 15;

/// A picture as a model takes it.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// There is no ink on the page.
    Blank,
    /// There is something.
    Image {
        /// The model's input before normalization.
        image: Image,
        /// Whether this is clearly one shape of ink on paper (see [`ink::Normalized::is_clear`]).
        is_clear: bool,
    },
}

/// Prepares pictures as a [`Preparation`] says.
pub trait PreparePicture {
    /// Decodes and prepares a picture for a model that takes images of `shape`; passes every step
    /// from the page to the ink to `watch`.
    ///
    /// # Errors
    ///
    /// Those of [`ink::decode`].
    fn prepare(
        self,
        bytes: &[u8],
        limit: PixelLimit,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Result<Prepared, InkError>;

    /// Prepares a picture of grey levels as [`Self::prepare`] does one from a file; for a model
    /// that takes colours, it becomes three equal planes.
    #[must_use]
    fn prepare_grey(
        self,
        page: GrayImage,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Prepared;
}

impl PreparePicture for Preparation {
    fn prepare(
        self,
        bytes: &[u8],
        limit: PixelLimit,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Result<Prepared, InkError> {
        if self.kind == PreparationKind::Ink || shape.channels == 1 {
            return Ok(self.prepare_grey(decode(bytes, limit)?, shape, watch));
        }
        let (width, height) = (shape.width as u32, shape.height as u32);
        let picture = decode_colours(bytes, limit)?;
        let pixels = if picture.dimensions() == (width, height) {
            planar(&picture)
        } else {
            planar(&scaled(&picture, width, height))
        };
        Ok(Prepared::new(shape, pixels, true))
    }

    fn prepare_grey(
        self,
        page: GrayImage,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Prepared {
        let (width, height) = (shape.width as u32, shape.height as u32);
        let pixels = match self.kind {
            PreparationKind::Ink => return find_ink(&page, watch),
            PreparationKind::Picture if page.dimensions() == (width, height) => page.into_raw(),
            PreparationKind::Picture => scaled(&page, width, height).into_raw(),
        };
        Prepared::new(shape, pixels.repeat(shape.channels), true)
    }
}

impl Prepared {
    /// Pixels of one channel or of three; a model has no other shapes.
    fn new(shape: ImageShape, pixels: Vec<u8>, is_clear: bool) -> Self {
        Image::new(shape, pixels).map_or(Self::Blank, |image| Self::Image { image, is_clear })
    }

    /// What the network sees; none of a blank page.
    #[must_use]
    pub fn image(&self) -> Option<&Image> {
        match self {
            Self::Blank => None,
            Self::Image { image, .. } => Some(image),
        }
    }
}

fn find_ink(page: &GrayImage, watch: impl FnMut(Step, &GrayImage)) -> Prepared {
    normalize(page, watch).map_or(Prepared::Blank, |found| {
        let is_clear = found.is_clear();
        let (width, height) = found.image.dimensions();
        let shape = ImageShape { channels: 1, height: height as usize, width: width as usize };
        Prepared::new(shape, found.image.into_raw(), is_clear)
    })
}

/// The picture stretched to this width and height.
fn scaled<P: Pixel<Subpixel = u8> + 'static>(
    picture: &ImageBuffer<P, Vec<u8>>,
    width: u32,
    height: u32,
) -> ImageBuffer<P, Vec<u8>> {
    if picture.width() <= MAX_WIDTH {
        return imageops::resize(picture, width, height, FilterType::Triangle);
    }
    let narrower = imageops::thumbnail(picture, MAX_WIDTH, picture.height());
    imageops::resize(&narrower, width, height, FilterType::Triangle)
}

/// The colours plane by plane.
fn planar(picture: &RgbImage) -> Vec<u8> {
    (0..3).flat_map(|channel| picture.as_raw().iter().skip(channel).step_by(3).copied()).collect()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn the_widest_pictures_are_stretched_in_bounded_memory() {
        let wide = GrayImage::from_fn(40_000_000, 1, |x, _| Luma([(x / 200_000) as u8]));
        let pixels = scaled(&wide, 28, 28).into_raw();
        for (x, level) in pixels[..28].iter().enumerate() {
            let expected = (x as f32 + 0.5) / 28.0 * 200.0;
            assert!((f32::from(*level) - expected).abs() < 6.0, "{x}: {level}");
        }
    }
}
