//! The card of a stored model: what it is, besides its weights.

mod calibration;
mod format_1;
mod format_2;
mod multi_label;
mod origin;

use data::{ImageShape, Normalization, Preparation};
use serde::{Deserialize, Serialize};

pub use self::calibration::Calibration;
use self::format_1::{CardOfFormat1, looks_like_characters};
use self::format_2::CardOfFormat2;
pub use self::multi_label::MultiLabel;
pub use self::origin::Origin;
use crate::layers::LayerConfig;

/// The version of the format that this program writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 3;

/// The version of Burn that writes the weights.
pub const BURN_VERSION: &str = "0.22.1";

/// What a model is, besides its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// See [`FORMAT_VERSION`]; a card of an older format becomes one of the newest when it is read.
    pub format_version: u32,
    /// Name and version of the program that wrote the model.
    pub program: String,
    /// Version of Burn that wrote the weights.
    pub burn: String,
    /// Shape of the images it takes.
    pub input: ImageShape,
    /// How pictures become images of that shape.
    pub preparation: Preparation,
    /// How pixels become the network's input.
    pub normalization: Normalization,
    /// Names of the classes, in the order of the network's outputs.
    pub class_names: Vec<String>,
    /// How several classes of an image are predicted; absent = each image is of one class, and softmax
    /// makes the outputs probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_label: Option<MultiLabel>,
    /// How probabilities and scores are calibrated; absent = they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The network.
    pub layers: Vec<LayerConfig>,
    /// Where the weights come from.
    pub origin: Origin,
    /// SHA-256 of `model.bpk`, in lower-case hexadecimal; written by [`save_model`](crate::save_model).
    pub weights_sha256: String,
}

/// Why bytes are not a card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// They are not JSON, or a field is missing, unknown or wrong.
    #[error("not a model card: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The card comes from a newer program.
    #[error(
        "format version {0} is newer than {FORMAT_VERSION}, the newest this program reads: update \
         the program"
    )]
    Newer(u32),
}

impl ModelCard {
    /// Parses a card of any format up to [`FORMAT_VERSION`].
    ///
    /// # Errors
    /// When the text is not a card, or its format is newer.
    pub fn parse(text: &[u8]) -> Result<Self, CardError> {
        /// The one field that every version has.
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let Version { format_version } = serde_json::from_slice(text)?;
        match format_version {
            0 | 1 => Ok(serde_json::from_slice::<CardOfFormat1>(text)?.into()),
            2 => Ok(serde_json::from_slice::<CardOfFormat2>(text)?.into()),
            FORMAT_VERSION => Ok(serde_json::from_slice(text)?),
            newer => Err(CardError::Newer(newer)),
        }
    }
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
            multi_label: None,
            calibration: None,
            layers: card.layers,
            origin: card.origin,
            weights_sha256: card.weights_sha256,
        }
    }
}

impl From<CardOfFormat2> for ModelCard {
    fn from(card: CardOfFormat2) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            program: card.program,
            burn: card.burn,
            input: card.input,
            preparation: card.preparation,
            normalization: card.normalization,
            class_names: card.class_names,
            multi_label: card.multi_label,
            calibration: None,
            layers: card.layers,
            origin: card.origin,
            weights_sha256: card.weights_sha256,
        }
    }
}
