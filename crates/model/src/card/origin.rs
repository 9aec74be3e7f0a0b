//! Where a model's weights come from.

use serde::{Deserialize, Serialize};

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
