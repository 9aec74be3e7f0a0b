//! From a picture's bytes to the image that a model takes.

use data::{Image, ImageShape};
use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};
use ink::{InkError, PixelLimit, Step, decode, decode_colours, normalize};
use model::{Preparation, PreparationKind};

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
            planar(&imageops::resize(&picture, width, height, FilterType::Triangle))
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
            PreparationKind::Picture => {
                imageops::resize(&page, width, height, FilterType::Triangle).into_raw()
            }
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

/// The colours plane by plane.
fn planar(picture: &RgbImage) -> Vec<u8> {
    (0..3).flat_map(|channel| picture.as_raw().iter().skip(channel).step_by(3).copied()).collect()
}
