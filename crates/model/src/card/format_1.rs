//! Cards of format 1, which Glyph 0.1 wrote. Never change them: such models load for ever.

use data::{ImageShape, Normalization};
use serde::Deserialize;

use super::{FORMAT_VERSION, ModelCard, Origin};
use crate::layers::LayerConfig;
use crate::preparation::{Preparation, looks_like_characters};

/// A card without `preparation`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardOfFormat1 {
    #[serde(rename = "format_version")]
    _format_version: u32,
    program: String,
    burn: String,
    input: ImageShape,
    normalization: Normalization,
    class_names: Vec<String>,
    layers: Vec<LayerConfig>,
    origin: Origin,
    weights_sha256: String,
}

impl From<CardOfFormat1> for ModelCard {
    /// Format 1 does not say how pictures become the input: programs of its time took images that
    /// look like characters in MNIST's form for such.
    fn from(card: CardOfFormat1) -> Self {
        let is_ink = looks_like_characters(card.input, &card.class_names);
        Self {
            format_version: FORMAT_VERSION,
            program: card.program,
            burn: card.burn,
            input: card.input,
            preparation: if is_ink { Preparation::INK } else { Preparation::PICTURE },
            normalization: card.normalization,
            class_names: card.class_names,
            layers: card.layers,
            origin: card.origin,
            weights_sha256: card.weights_sha256,
        }
    }
}
