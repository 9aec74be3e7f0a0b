//! Line negatives: what segmenting a line of digits yields besides whole digits, as training
//! images.
//!
//! Reading a line classifies every candidate for a digit. Some candidates are partial digits: a bit
//! of ink is missing, or belongs to a neighbour. Most are invalid: a fragment of a digit, or two
//! digits at once. A network trained on whole digits alone is often overconfident on invalid
//! candidates. Trained on them with all classes as equally probable targets, it is not: outlier
//! exposure (D. Hendrycks, M. Mazeika, T. Dietterich, "Deep anomaly detection with outlier
//! exposure", 2019).

mod pair;

use std::ops::Range;

use image::GrayImage;
use ink::{bounds_above, centre_by_mass, scale_to_box};
use rand::RngExt;
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::pair::{Pair, between};
use crate::error::DataError;
use crate::image::Image;
use crate::random::uniform;
use crate::ranges::check_range;
use crate::shape::ImageShape;

/// The shape that line negatives need: MNIST's, light ink on black.
const SHAPE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
/// Levels above this one are ink.
const PAPER: u8 = 20;

/// Share of the invalid candidates that are a fragment of one digit. A fragment often looks like
/// another digit, so that a large share makes the network less confident of that digit.
const FRAGMENTS: f32 = 0.1;
/// Share of the invalid candidates that are two whole digits. Of the others, at most one digit is
/// whole.
const PAIRS: f32 = 0.6;

/// The `[line_negatives]` section of a config. Absent keys are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LineNegativesConfig {
    /// Share of the training images that are replaced by partial digits: they lose a bit of ink at
    /// one side, or gain a bit of a neighbour's. Their labels stay. 0 to 1.
    pub partial: f32,
    /// Number of invalid candidates for each training image: fragments of a digit, and two digits
    /// at once. They have no label; all classes are equally probable targets. 0 to 1.
    pub invalid: f32,
}

impl LineNegativesConfig {
    /// Checks the ranges, and that line negatives can be made of images of `shape` if there are
    /// any.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`], which names the key.
    pub fn build(&self, shape: ImageShape) -> Result<LineNegatives, DataError> {
        check_range("line_negatives.partial", self.partial, [0.0, 1.0], "")?;
        check_range("line_negatives.invalid", self.invalid, [0.0, 1.0], "")?;
        if *self != Self::default() && shape != SHAPE {
            let expected = format!("images of {SHAPE}, such as digits and letters");
            let value = shape.to_string();
            return Err(DataError::Setting { key: "line_negatives", value, expected });
        }
        Ok(LineNegatives(*self))
    }
}

/// A validated [`LineNegativesConfig`].
#[derive(Clone, Copy, Debug)]
pub struct LineNegatives(LineNegativesConfig);

impl LineNegatives {
    /// Draws whether an image is replaced by a partial digit.
    pub(crate) fn draws_partial(self, random: &mut Pcg32) -> bool {
        random.random::<f32>() < self.0.partial
    }

    /// Which positions of an epoch, from 0, an invalid candidate is made for: evenly spaced.
    pub(crate) fn invalid_positions(self, range: Range<usize>) -> impl Iterator<Item = usize> {
        let before = move |position: usize| (position as f64 * f64::from(self.0.invalid)) as usize;
        range.filter(move |&position| before(position + 1) > before(position))
    }
}

/// A partial digit: `image` without up to a seventh of its width, or with the part of `neighbour`
/// that reaches into its columns and about one column beyond them. Unchanged if either has no ink.
pub(crate) fn partial_digit(image: &Image, neighbour: &Image, random: &mut Pcg32) -> Image {
    let is_first = random.random();
    let candidate = inks(image, neighbour).map(|[ink, other]| {
        let slope = uniform(random, [-0.4, 0.4]);
        if random.random() {
            let lost = uniform(random, [0.0, 0.14]) * ink.width() as f32;
            let kept = if is_first { lost..f32::MAX } else { f32::MIN..ink.width() as f32 - lost };
            return between(&ink, kept, slope);
        }
        let gained = uniform(random, [0.0, 1.2]);
        let (gap, down) = (random.random_range(-3..=0), random.random_range(-2..=2));
        if is_first {
            let pair = Pair::new(&ink, &other, gap, down);
            between(&pair.ink, f32::MIN..ink.width() as f32 + gained, 0.0)
        } else {
            let pair = Pair::new(&other, &ink, gap, down);
            between(&pair.ink, pair.second as f32 - gained..f32::MAX, 0.0)
        }
    });
    candidate.and_then(|ink| to_mnist_form(&ink)).unwrap_or_else(|| image.clone())
}

/// An invalid candidate: a fragment of `first`, both images side by side, or fragments of both.
/// `first` itself if either has no ink.
pub(crate) fn invalid_candidate(first: &Image, second: &Image, random: &mut Pcg32) -> Image {
    let candidate = inks(first, second).map(|[left, right]| {
        let (left_width, right_width) = (left.width() as f32, right.width() as f32);
        let slope = uniform(random, [-0.4, 0.4]);
        let kind: f32 = random.random();
        if kind < FRAGMENTS {
            let cut = uniform(random, [0.25, 0.7]) * left_width;
            let kept = if random.random() { f32::MIN..cut } else { cut..f32::MAX };
            return between(&left, kept, slope);
        }
        let (gap, down) = (random.random_range(-3..=2), random.random_range(-2..=2));
        let pair = Pair::new(&left, &right, gap, down);
        let start = uniform(random, [0.2, 0.65]) * left_width;
        let end = pair.second as f32 + uniform(random, [0.35, 0.8]) * right_width;
        if kind < FRAGMENTS + PAIRS {
            return pair.ink;
        }
        let kept = match random.random_range(0..4) {
            0 => start..f32::MAX,
            1 => f32::MIN..end,
            _ => start..end.max(start + 3.0),
        };
        between(&pair.ink, kept, slope)
    });
    candidate.and_then(|ink| to_mnist_form(&ink)).unwrap_or_else(|| first.clone())
}

/// The ink of two images, cropped. None if either has no ink.
fn inks(one: &Image, other: &Image) -> Option<[GrayImage; 2]> {
    let ink = |image: &Image| {
        let (width, height) = (image.shape.width as u32, image.shape.height as u32);
        crop(&GrayImage::from_raw(width, height, image.pixels.clone())?)
    };
    Some([ink(one)?, ink(other)?])
}

fn crop(picture: &GrayImage) -> Option<GrayImage> {
    bounds_above(picture, PAPER).map(|bounds| bounds.crop(picture))
}

/// The candidate as the network gets it when it reads a line: in MNIST's box, centred by mass.
fn to_mnist_form(ink: &GrayImage) -> Option<Image> {
    let image = centre_by_mass(&scale_to_box(&crop(ink)?));
    Image::new(SHAPE, image.into_raw()).ok()
}

#[cfg(test)]
mod tests;
