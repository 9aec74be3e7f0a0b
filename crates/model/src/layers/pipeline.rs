//! Layers as steps of the fast pipeline for inference, batch normalization folded into the
//! convolutions before it.

use kernels::{Epilogue, Pipeline};

use super::fusion::{FusedLayer, fuse};
use super::layer_type::LayerModule;

/// Adds all layers to `pipeline`.
pub(crate) fn add_layers<L: LayerModule>(pipeline: &mut Pipeline, layers: &[L]) {
    let mut fused = fuse(layers).peekable();
    while let Some(FusedLayer { layer, mut epilogue }) = fused.next() {
        let mut folded = None;
        if layer.folds_affine()
            && epilogue == Epilogue::default()
            && let Some(next) = fused.peek()
            && let Some(affine) = next.layer.affine()
        {
            (folded, epilogue) = (Some(affine), next.epilogue);
            fused.next();
        }
        layer.add_to_pipeline(pipeline, folded.as_ref(), epilogue);
    }
}
