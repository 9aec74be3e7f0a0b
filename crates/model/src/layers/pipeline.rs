//! Layers as steps of the fast pipeline for inference, batch normalization folded into the
//! convolutions before it.

use std::fmt;

use burn::tensor::Tensor;
use kernels::{Epilogue, Pipeline};

use super::fusion::{FusedLayer, fuse};
use super::layer_type::LayerModule;
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

/// A factor and a summand for every channel.
pub(crate) struct Affine {
    pub(crate) factors: Vec<f32>,
    pub(crate) summands: Vec<f32>,
}

/// Adds all layers to `pipeline`; an error names the first that it does not have.
pub(crate) fn add_layers<L: LayerModule>(
    pipeline: &mut Pipeline,
    layers: &[L],
) -> Result<(), SlowLayer> {
    let mut fused = fuse(layers).peekable();
    while let Some(FusedLayer { index, layer, mut epilogue }) = fused.next() {
        let mut folded = None;
        if layer.folds_affine()
            && epilogue == Epilogue::default()
            && let Some(next) = fused.peek()
            && let Some(affine) = next.layer.affine()
        {
            (folded, epilogue) = (Some(affine), next.epilogue);
            fused.next();
        }
        layer.add_to_pipeline(pipeline, folded.as_ref(), epilogue).map_err(|mut slow| {
            slow.position.insert(0, index);
            slow
        })?;
    }
    Ok(())
}

/// The numbers of a layer's tensor; an error if they are not of `f32` or cannot be read.
pub(crate) fn numbers<const D: usize>(
    kind: &'static str,
    tensor: Tensor<D>,
) -> Result<Vec<f32>, SlowLayer> {
    tensor.into_data().try_into_vec::<f32>().map_err(|_| SlowLayer::new(kind))
}
