//! Cards of format 2, before models were calibrated. Never change them: such models load for ever.

use data::{ImageShape, Normalization, Preparation};
use serde::Deserialize;

use super::multi_label::MultiLabel;
use super::origin::Origin;
use crate::layers::LayerConfig;

/// A card without `calibration`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardOfFormat2 {
    #[serde(rename = "format_version")]
    _format_version: u32,
    pub(super) program: String,
    pub(super) burn: String,
    pub(super) input: ImageShape,
    pub(super) preparation: Preparation,
    pub(super) normalization: Normalization,
    pub(super) class_names: Vec<String>,
    #[serde(default)]
    pub(super) multi_label: Option<MultiLabel>,
    pub(super) layers: Vec<LayerConfig>,
    pub(super) origin: Origin,
    pub(super) weights_sha256: String,
}
