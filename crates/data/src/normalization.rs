//! Normalization of pixels: `(pixel / 255 − mean) / standard deviation`, for each channel.
//!
//! Training, evaluation and prediction all use [`Normalizer`], so that a network always gets the
//! input that it was trained on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::filters::map_levels;
use crate::image_set::ImageSet;
use crate::shape::ImageShape;

/// The mean and the standard deviation of each channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// Mean of `pixel / 255`, for each channel.
    pub mean: Vec<f32>,
    /// Standard deviation of `pixel / 255`, for each channel; above zero.
    pub standard_deviation: Vec<f32>,
}

impl Normalization {
    /// Computes the statistics of the images at `indices`. Sums are exact integers, so that the
    /// result does not depend on the order of the images.
    ///
    /// The standard deviation is 1 for a constant channel and for an empty list of images.
    ///
    /// # Panics
    ///
    /// If an index is not below `set.len()`.
    #[must_use]
    pub fn of(set: &ImageSet, indices: &[usize]) -> Self {
        let mut sums = vec![(0_u64, 0_u64); set.shape().channels];
        for &index in indices {
            for (of_image, (sum, squares)) in set.channel_sums(index).iter().zip(&mut sums) {
                *sum += of_image.0;
                *squares += of_image.1;
            }
        }
        let count = (indices.len() * set.shape().plane()).max(1) as u64;
        let (mean, standard_deviation) =
            sums.iter().map(|&(sum, squares)| moments(count, sum, squares)).unzip();
        Self { mean, standard_deviation }
    }

    /// Checks that there is one mean and one standard deviation for each of `channels`, that all
    /// are finite, that deviations are above zero, and that no normalized pixel exceeds 10¹² in
    /// magnitude.
    ///
    /// # Errors
    ///
    /// [`DataError::Normalization`], which names the broken rule.
    pub fn validate(&self, channels: usize) -> Result<(), DataError> {
        let refuse = |problem: String| Err(DataError::Normalization { problem });
        for (name, values) in
            [("mean", &self.mean), ("standard_deviation", &self.standard_deviation)]
        {
            if values.len() != channels {
                return refuse(format!(
                    "{name} has {} values, the images have {channels} channels",
                    values.len()
                ));
            }
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return refuse(format!("{name} holds {value}: expected finite numbers"));
            }
        }
        for (&mean, &deviation) in self.mean.iter().zip(&self.standard_deviation) {
            if deviation <= 0.0 {
                return refuse(format!(
                    "standard_deviation holds {deviation}: expected numbers above zero"
                ));
            }
            let largest = largest(mean, deviation);
            if largest > LARGEST {
                return refuse(format!(
                    "mean {mean:e} and standard_deviation {deviation:e} make pixels of \
                     {largest:.0e}: expected at most {LARGEST:e}"
                ));
            }
        }
        Ok(())
    }
}

/// The largest magnitude of a normalized pixel; larger ones soon overflow in a network.
const LARGEST: f64 = 1e12;

/// The largest magnitude of a normalized pixel with these statistics.
fn largest(mean: f32, deviation: f32) -> f64 {
    let (mean, deviation) = (f64::from(mean), f64::from(deviation));
    mean.abs().max((1.0 - mean).abs()) / deviation
}

/// Mean and standard deviation of `count` pixels, divided by 255.
fn moments(count: u64, sum: u64, squares: u64) -> (f32, f32) {
    // n·Σx² exceeds 2^64 for about 60,000 RGB images of 64×64 pixels.
    let scatter = u128::from(count) * u128::from(squares) - u128::from(sum) * u128::from(sum);
    let mean = sum as f64 / count as f64 / 255.0;
    let deviation = (scatter as f64).sqrt() / count as f64 / 255.0;
    (mean as f32, if scatter == 0 { 1.0 } else { deviation as f32 })
}

/// A [`Normalization`] prepared for images of one shape: for each channel, `pixel * factor +
/// offset`.
#[derive(Clone, Debug)]
pub struct Normalizer {
    shape: ImageShape,
    channels: Vec<(f32, f32)>, // (factor, offset)
}

impl Normalizer {
    /// Prepares `normalization` for images of `shape`.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptyShape`] if a side is zero, and those of [`Normalization::validate`].
    pub fn new(normalization: &Normalization, shape: ImageShape) -> Result<Self, DataError> {
        if shape.pixels() == 0 {
            return Err(DataError::EmptyShape { shape });
        }
        normalization.validate(shape.channels)?;
        let channels = normalization.mean.iter().zip(&normalization.standard_deviation).map(
            |(&mean, &deviation)| {
                let (mean, deviation) = (f64::from(mean), f64::from(deviation));
                ((1.0 / (255.0 * deviation)) as f32, (-mean / deviation) as f32)
            },
        );
        Ok(Self { shape, channels: channels.collect() })
    }

    /// The shape of the images it takes.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Normalizes one image into `out`, both `[channels, height, width]`.
    ///
    /// # Panics
    ///
    /// If either is not `shape().pixels()` long.
    pub fn apply(&self, pixels: &[u8], out: &mut [f32]) {
        assert_eq!(pixels.len(), self.shape.pixels(), "pixels of one {} image", self.shape);
        assert_eq!(out.len(), self.shape.pixels(), "room for one {} image", self.shape);
        let plane = self.shape.plane();
        let planes = pixels.chunks_exact(plane).zip(out.chunks_exact_mut(plane));
        for ((pixels, out), &(factor, offset)) in planes.zip(&self.channels) {
            for (out, &pixel) in out.iter_mut().zip(pixels) {
                *out = f32::from(pixel) * factor + offset;
            }
        }
    }

    /// Turns a normalized image, `[channels, height, width]`, into levels from 0 = black to 1 = white.
    pub(crate) fn denormalize(&self, image: &mut [f32]) {
        for (plane, &(factor, offset)) in self.planes(image) {
            let scale = 1.0 / (255.0 * factor);
            map_levels(plane, |value| (value - offset) * scale);
        }
    }

    /// Normalizes levels from 0 = black to 1 = white, `[channels, height, width]`.
    pub(crate) fn normalize(&self, levels: &mut [f32]) {
        for (plane, &(factor, offset)) in self.planes(levels) {
            let factor = 255.0 * factor;
            map_levels(plane, |level| level * factor + offset);
        }
    }

    /// The channels of an image, each with its factor and its offset.
    fn planes<'a>(
        &'a self,
        image: &'a mut [f32],
    ) -> impl Iterator<Item = (&'a mut [f32], &'a (f32, f32))> {
        image.chunks_exact_mut(self.shape.plane()).zip(&self.channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 1, width: 2 };

    fn normalization(mean: [f32; 2], standard_deviation: [f32; 2]) -> Normalization {
        Normalization { mean: mean.to_vec(), standard_deviation: standard_deviation.to_vec() }
    }

    #[test]
    fn statistics_are_measured_for_each_channel_of_the_chosen_images() {
        let pixels = vec![0, 255, 51, 51, 255, 0, 51, 51, 9, 9, 9, 9];
        let set = ImageSet::new(SHAPE, pixels, vec![0, 0, 0], 1).unwrap();
        assert_eq!(Normalization::of(&set, &[0, 1]), normalization([0.5, 0.2], [0.5, 1.0]));
        assert_eq!(Normalization::of(&set, &[]), normalization([0.0, 0.0], [1.0, 1.0]));
    }

    #[test]
    fn pixels_come_out_centred_and_scaled() {
        let normalizer = Normalizer::new(&normalization([0.5, 0.2], [0.5, 0.1]), SHAPE).unwrap();
        let mut out = [0.0; 4];
        normalizer.apply(&[0, 255, 51, 102], &mut out);
        for (out, expected) in out.iter().zip([-1.0, 1.0, 0.0, 2.0]) {
            assert!((out - expected).abs() < 1e-6, "{out} is not {expected}");
        }
    }

    #[test]
    fn levels_are_normalized_as_pixels_are_and_come_back() {
        let normalizer = Normalizer::new(&normalization([0.5, 0.2], [0.5, 0.1]), SHAPE).unwrap();
        let levels = [0.0, 1.0, 0.2, 0.4];
        let mut image = levels;
        normalizer.normalize(&mut image);
        for (value, expected) in image.iter().zip([-1.0, 1.0, 0.0, 2.0]) {
            assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
        }
        normalizer.denormalize(&mut image);
        for (level, expected) in image.iter().zip(levels) {
            assert!((level - expected).abs() < 1e-6, "{level} is not {expected}");
        }
    }

    #[test]
    fn statistics_that_make_infinite_pixels_are_refused_with_both() {
        for (mean, deviation) in [(1e30, 1e-30), (-1e30, 1.0), (0.0, 1e-30)] {
            let refused = normalization([0.0, mean], [1.0, deviation]).validate(2).unwrap_err();
            let message = refused.to_string();
            let both = format!("mean {mean:e} and standard_deviation {deviation:e}");
            assert!(message.contains(&both), "{message}");
        }
    }

    #[test]
    fn impossible_statistics_are_refused() {
        assert!(normalization([0.0, 0.0], [1.0, 1.0]).validate(2).is_ok());
        assert!(normalization([0.0, 0.0], [1.0, 1.0]).validate(3).is_err());
        assert!(normalization([f32::NAN, 0.0], [1.0, 1.0]).validate(2).is_err());
        assert!(normalization([0.0, 0.0], [f32::INFINITY, 1.0]).validate(2).is_err());
        assert!(normalization([0.0, 0.0], [f32::MIN_POSITIVE / 2.0, 1.0]).validate(2).is_err());
        let message = normalization([0.0, 0.0], [1.0, 0.0]).validate(2).unwrap_err().to_string();
        assert_eq!(
            message,
            "normalization: standard_deviation holds 0: expected numbers above zero"
        );
    }
}
