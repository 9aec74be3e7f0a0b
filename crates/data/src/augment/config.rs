//! The `[augment]` section of a config.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elastic::ElasticConfig;
use super::erase::EraseConfig;
use super::flip::FlipConfig;
use super::mixing::MixingConfig;
use super::policy::Policy;
use super::random_range::RandomRange;

/// The `[augment]` section of a config: random changes to training images. All keys are optional;
/// an absent one changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
    /// Transforms chosen at random, at random strengths, besides those below: `"trivial"` (one of
    /// fourteen, `TrivialAugment`) or `"augmix"` (mixtures on which answers must agree, `AugMix`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Mirroring: probabilities of both directions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flip: Option<FlipConfig>,
    /// Largest rotation in either direction, in degrees, 0 to 180.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate: Option<f32>,
    /// Largest translation in either direction along each axis, as a share of the side, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translate: Option<f32>,
    /// Smallest and largest scale factor, 0.1 to 10; with `[0.9, 1.1]`, images become up to a tenth
    /// smaller or larger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<[f32; 2]>,
    /// Largest shear in either direction, in degrees, 0 to 60: columns slant and rows stay
    /// horizontal, as in handwriting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shear: Option<f32>,
    /// Elastic distortion: smooth random displacements of the pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elastic: Option<ElasticConfig>,
    /// Pixels by which light strokes become thicker (above 0) or thinner (below 0) on each side, −5 to 5.
    /// The transforms from here to `jpeg` change levels, from 0 = black to 1 = white, in this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thickness: Option<RandomRange>,
    /// Share of the outlines of strokes in a mixture with the image, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outline: Option<RandomRange>,
    /// One to three strokes of a pen across the picture; their largest width, 0 to 10 pixels of 28.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strokes: Option<RandomRange>,
    /// Share of the picture that blobs of one colour cover, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blobs: Option<RandomRange>,
    /// Share of the image that is convolved with a random 3×3 kernel, 0 to 1: textures and contrasts
    /// change, shapes stay (Xu et al., 2021).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_convolution: Option<RandomRange>,
    /// Largest level of a random background, smooth or with a pattern, 0 to 1; light ink keeps its level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<RandomRange>,
    /// Difference in level, from one side to the other, of light that falls from a random direction, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient: Option<RandomRange>,
    /// Factor of the levels' distances from their mean, 0 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrast: Option<RandomRange>,
    /// Change of all levels, −1 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brightness: Option<RandomRange>,
    /// Exponent of the levels, 0.1 to 10; below 1 lightens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gamma: Option<RandomRange>,
    /// Probability that black and white are exchanged, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invert: Option<f32>,
    /// Factor of the colours' distances from grey, 0 to 5; for RGB images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturation: Option<RandomRange>,
    /// Turn of all hues, as a share of a full turn, −0.5 to 0.5; for RGB images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hue: Option<RandomRange>,
    /// Radius of a lens out of focus, 0 to 20 pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disc_blur: Option<RandomRange>,
    /// Standard deviation of a Gaussian blur, 0 to 20 pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaussian_blur: Option<RandomRange>,
    /// Length of a motion in a random direction, 1 to 40 pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion_blur: Option<RandomRange>,
    /// Resolution from which the image is enlarged again, as a share of its own, 0.05 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resampling: Option<RandomRange>,
    /// Standard deviation of normal noise, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaussian_noise: Option<RandomRange>,
    /// Standard deviation of normal noise that is multiplied by the level, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speckle_noise: Option<RandomRange>,
    /// Standard deviation, on white, of the noise of a sensor, 0 to 2: its variance grows with the level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensor_noise: Option<RandomRange>,
    /// Share of the pixels that become black or white, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impulse_noise: Option<RandomRange>,
    /// Quality of JPEG compression, 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jpeg: Option<RandomRange>,
    /// Probability that the changes of levels above apply to a part of the image alone, 0 to 1: to
    /// stripes in a random direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<f32>,
    /// Random erasing of a rectangle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erase: Option<EraseConfig>,
    /// Mixing with another image and its class (mixup).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mixup: Option<MixingConfig>,
    /// Pasting a rectangle of another image, whose class counts for its area (`CutMix`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutmix: Option<MixingConfig>,
}
