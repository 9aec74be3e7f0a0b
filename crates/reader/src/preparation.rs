//! From a picture's bytes to the image that a model takes.

use data::{Image, ImageShape};
use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};
use ink::{InkError, PixelLimit, Step, decode, decode_colours, normalize};
use model::ModelCard;

/// How pictures become a model's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// As the pictures of MNIST were made: the ink alone, light on black, centred (crate `ink`).
    Ink,
    /// Scaled to the model's size, nothing else.
    Scaled,
}

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

impl Preparation {
    /// What a model's pictures need: ink, if they are grey, 28×28, and every class is a single
    /// digit or letter; these are data sets in MNIST's form.
    #[must_use]
    pub fn for_model(card: &ModelCard) -> Self {
        let is_character = |name: &String| {
            let mut characters = name.chars();
            characters.next().is_some_and(char::is_alphanumeric) && characters.next().is_none()
        };
        let mnist = ImageShape { channels: 1, height: 28, width: 28 };
        if card.input == mnist && card.class_names.iter().all(is_character) {
            Self::Ink
        } else {
            Self::Scaled
        }
    }

    /// Decodes and prepares a picture for a model that takes images of `shape`; shows `watch` every
    /// step from the page to the ink.
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
        if self == Self::Ink || shape.channels == 1 {
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

    /// Prepares a picture of grey levels as [`Self::prepare`] does one from a file; a model that
    /// takes colours sees three equal planes.
    #[must_use]
    pub fn prepare_grey(
        self,
        page: GrayImage,
        shape: ImageShape,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Prepared {
        let (width, height) = (shape.width as u32, shape.height as u32);
        let pixels = match self {
            Self::Ink => return find_ink(&page, watch),
            Self::Scaled if page.dimensions() == (width, height) => page.into_raw(),
            Self::Scaled => imageops::resize(&page, width, height, FilterType::Triangle).into_raw(),
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
