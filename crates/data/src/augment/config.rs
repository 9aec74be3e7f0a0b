//! The `[augment]` section of a config.

use serde::{Deserialize, Serialize};

use super::elastic::ElasticConfig;
use super::erase::EraseConfig;

/// How training images are distorted. Every key is optional; an absent one distorts nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
    /// Greatest rotation either way, in degrees, 0 to 180.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate: Option<f32>,
    /// Greatest shift in either direction, as a share of the side, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translate: Option<f32>,
    /// Least and greatest enlargement, 0.1 to 10; `[0.9, 1.1]` draws images up to a tenth smaller
    /// or larger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<[f32; 2]>,
    /// Greatest slant either way, in degrees, 0 to 60: columns lean, rows stay level, as in
    /// handwriting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shear: Option<f32>,
    /// Elastic distortion: neighbouring pixels wander together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elastic: Option<ElasticConfig>,
    /// Random erasing: a rectangle is blanked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erase: Option<EraseConfig>,
}
