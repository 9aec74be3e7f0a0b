//! Layers as steps of the fast pipeline for inference, batch normalization folded into the
//! convolutions before it.

use kernels::{Epilogue, Pipeline};

use super::fusion::{FusedLayer, fuse};
use super::layer_type::LayerModule;
use super::slow_layer::SlowLayer;

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
