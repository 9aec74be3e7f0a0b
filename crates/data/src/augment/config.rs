//! The `[augment]` section of a config.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elastic::ElasticConfig;
use super::erase::EraseConfig;

/// The `[augment]` section of a config: random changes to training images. All keys are optional;
/// an absent one changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
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
    /// Random erasing of a rectangle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erase: Option<EraseConfig>,
}
