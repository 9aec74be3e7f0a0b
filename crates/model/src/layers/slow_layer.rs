//! The layer that keeps a network out of the fast pipeline for inference.

use std::fmt;

use burn::tensor::Tensor;

use super::planned::number;

/// A layer that the fast pipeline for inference does not have, so that the whole network runs as
/// Burn modules. Displayed as `layer 2.1 (tanh)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowLayer {
    /// Index of the layer, then of the layers nested in it.
    pub position: Vec<usize>,
    /// The layer's name in a config.
    pub kind: &'static str,
}

impl SlowLayer {
    /// The layer itself, of `kind`, without a position: the caller adds that.
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { position: Vec::new(), kind }
    }

    /// What a user should know about it.
    #[must_use]
    pub fn message(&self) -> String {
        format!(
            "{self} is not in the fast inference pipeline: the model classifies with Burn's own \
             operations, which are slower"
        )
    }
}

impl fmt::Display for SlowLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "layer {} ({})", number(&self.position), self.kind)
    }
}

/// The numbers of a layer's tensor; an error if they are not of `f32` or cannot be read.
pub(crate) fn numbers<const D: usize>(
    kind: &'static str,
    tensor: Tensor<D>,
) -> Result<Vec<f32>, SlowLayer> {
    tensor.into_data().try_into_vec::<f32>().map_err(|_| SlowLayer::new(kind))
}
