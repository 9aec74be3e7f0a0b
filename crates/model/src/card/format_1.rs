//! Cards of format 1, which Glyph 0.1 wrote. Never change them: such models load for ever.

use data::{ImageShape, Normalization};
use serde::Deserialize;

use super::origin::Origin;
use crate::layers::LayerConfig;

/// A card without `preparation`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardOfFormat1 {
    #[serde(rename = "format_version")]
    _format_version: u32,
    pub(super) program: String,
    pub(super) burn: String,
    pub(super) input: ImageShape,
    pub(super) normalization: Normalization,
    pub(super) class_names: Vec<String>,
    pub(super) layers: Vec<LayerConfig>,
    pub(super) origin: Origin,
    pub(super) weights_sha256: String,
}

/// Whether images look like characters in MNIST's form: grey, 28×28, and every class is a single
/// letter or digit. Cards of this format do not say how pictures become the input.
pub(super) fn looks_like_characters(input: ImageShape, class_names: &[String]) -> bool {
    let is_character = |name: &String| {
        let mut characters = name.chars();
        characters.next().is_some_and(char::is_alphanumeric) && characters.next().is_none()
    };
    input == ImageShape::MNIST && class_names.iter().all(is_character)
}
