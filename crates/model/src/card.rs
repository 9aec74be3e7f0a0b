//! The card of a stored model: what it is, besides its weights.

use data::{ImageShape, Normalization};
use serde::{Deserialize, Serialize};

use crate::layers::LayerConfig;

/// The version of the format that this program writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The version of Burn that writes the weights.
pub const BURN_VERSION: &str = "0.22.1";

/// What a model is, besides its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Name and version of the program that wrote the model.
    pub program: String,
    /// Version of Burn that wrote the weights.
    pub burn: String,
    /// Shape of the images it takes.
    pub input: ImageShape,
    /// How pixels become the network's input.
    pub normalization: Normalization,
    /// Names of the classes, in the order of the network's outputs.
    pub class_names: Vec<String>,
    /// The network.
    pub layers: Vec<LayerConfig>,
    /// Where the weights come from.
    pub origin: Origin,
    /// SHA-256 of `model.bpk`, in lower-case hexadecimal; written by [`save_model`].
    pub weights_sha256: String,
}

/// The training that a model's weights come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Seed of the run.
    pub seed: u64,
    /// Epoch the weights were taken after, from 1.
    pub epoch: usize,
    /// Mean loss on the validation images, in nats, smoothed and weighted as in training.
    pub validation_loss: f64,
    /// Share of the validation images classified rightly.
    pub validation_accuracy: f64,
}
