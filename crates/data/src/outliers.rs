//! Outliers: generated images of no class, as training images.
//!
//! A network that was trained on the images of its classes alone is often overconfident on others.
//! Trained on outliers with all classes as equally probable targets, it is not: outlier exposure
//! (D. Hendrycks, M. Mazeika, T. Dietterich, "Deep anomaly detection with outlier exposure", 2019).
//! These outliers are drawn by this program, so that no collection of pictures, by which such a
//! network is measured, is used up.

mod glyph;
mod scribble;
mod texture;
mod turned;

use std::ops::Range;

use image::GrayImage;
use rand::RngExt;
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::image::Image;
use crate::preparation::{Preparation, PreparationKind};
use crate::ranges::check_range;
use crate::shape::ImageShape;

/// The `[outliers]` section of a config: the number of outliers of each kind for each training image,
/// 0 to 1. Outliers are augmented like training images; all classes are equally probable targets.
/// Absent keys are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutliersConfig {
    /// Letters and signs that no digit looks like, light on black, 0 to 1. For characters.
    pub glyphs: f32,
    /// Several random strokes of a pen, light on black, 0 to 1. For drawings and characters.
    pub scribbles: f32,
    /// Textures, noise, and shapes filled with them, 0 to 1.
    pub textures: f32,
    /// Training images turned by a quarter, half of them mirrored as well, except those that look as
    /// before, 0 to 1. For square images whose direction matters.
    pub turned: f32,
}

/// A kind of outlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutlierKind {
    Glyph,
    Scribble,
    Texture,
    Turned,
}

impl OutliersConfig {
    /// Number of outliers of all kinds for each training image.
    #[must_use]
    pub fn share(&self) -> f32 {
        self.glyphs + self.scribbles + self.textures + self.turned
    }

    /// Checks the ranges, and that outliers can be made for images of `shape`.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`], which names the key.
    pub fn build(&self, shape: ImageShape) -> Result<Outliers, DataError> {
        check_range("outliers.glyphs", self.glyphs, [0.0, 1.0], "")?;
        check_range("outliers.scribbles", self.scribbles, [0.0, 1.0], "")?;
        check_range("outliers.textures", self.textures, [0.0, 1.0], "")?;
        check_range("outliers.turned", self.turned, [0.0, 1.0], "")?;
        if self.turned > 0.0 && shape.height != shape.width {
            let expected = "square images".to_owned();
            return Err(DataError::Setting {
                key: "outliers.turned",
                value: shape.to_string(),
                expected,
            });
        }
        Ok(Outliers { config: *self, shape, preparation: Preparation::PICTURE })
    }
}

/// A validated [`OutliersConfig`], ready for images of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Outliers {
    config: OutliersConfig,
    shape: ImageShape,
    preparation: Preparation,
}

impl Outliers {
    /// Where `preparation` finds the ink on pictures, a third of the textures pass through it: the
    /// network then knows the images that it makes of pictures of anything.
    #[must_use]
    pub fn prepared(self, preparation: Preparation) -> Self {
        Self { preparation, ..self }
    }

    /// The outliers of a range of positions of an epoch, from 0: each with its position, evenly spaced.
    pub(crate) fn positions(
        self,
        range: Range<usize>,
    ) -> impl Iterator<Item = (usize, OutlierKind)> {
        let OutliersConfig { glyphs, scribbles, textures, turned } = self.config;
        let kinds = [
            (glyphs, OutlierKind::Glyph),
            (scribbles, OutlierKind::Scribble),
            (textures, OutlierKind::Texture),
            (turned, OutlierKind::Turned),
        ];
        let of_kind = move |(share, kind): (f32, OutlierKind)| {
            let before = move |position: usize| (position as f64 * f64::from(share)) as usize;
            let is_chosen = move |position: &usize| before(position + 1) > before(*position);
            range.clone().filter(is_chosen).map(move |position| (position, kind))
        };
        kinds.into_iter().flat_map(of_kind)
    }

    /// An outlier; `image` is what [`OutlierKind::Turned`] turns. `None` if that one looks as before.
    pub(crate) fn draw(
        self,
        kind: OutlierKind,
        image: &Image,
        random: &mut Pcg32,
    ) -> Option<Image> {
        let shape = self.shape;
        let levels = match kind {
            OutlierKind::Glyph => glyph::glyph(random, shape),
            OutlierKind::Scribble => scribble::scribble(random, shape),
            OutlierKind::Texture => texture::texture(random, shape),
            OutlierKind::Turned => return turned::turned(image, random),
        };
        let pixel = |level: f32| (level.clamp(0.0, 1.0) * 255.0).round() as u8;
        let pixels: Vec<u8> = levels.into_iter().map(pixel).collect();
        if kind == OutlierKind::Texture
            && self.preparation.kind == PreparationKind::Ink
            && random.random_range(0..3) == 0
            && let Some(page) = page(shape, &pixels)
            && let Some(image) = self.preparation.prepare_grey(page, shape, |_, _| {}).into_image()
        {
            return Some(image);
        }
        Some(Image { shape, pixels })
    }
}

/// The first channel as a picture.
fn page(shape: ImageShape, pixels: &[u8]) -> Option<GrayImage> {
    let plane = pixels[..shape.plane()].to_vec();
    GrayImage::from_raw(shape.width as u32, shape.height as u32, plane)
}

#[cfg(test)]
mod tests;
