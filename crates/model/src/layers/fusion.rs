//! Which layers are computed together in one pass, and running them.
//!
//! A convolution or batch normalization is fused with the ReLU and the 2×2 pool behind it, a linear
//! layer with the flatten before and the ReLU behind it, a residual block's addition with the ReLU
//! behind it: on a CPU, what follows is then done while the numbers are in registers. Fusion changes
//! nothing in what a network computes or stores.

use kernels::Epilogue;

use super::features::Features;
use super::layer_type::{Fusible, LayerModule};

/// A layer and the operations fused with it.
pub(crate) struct FusedLayer<'a, L> {
    pub(crate) layer: &'a L,
    pub(crate) epilogue: Epilogue,
}

/// Passes `input` through all layers.
pub(crate) fn apply_layers<L: LayerModule>(layers: &[L], input: Features) -> Features {
    fuse(layers).fold(input, |input, fused| fused.layer.apply(input, fused.epilogue))
}

/// The layers in order; those fused with the one before them, and those that the one behind them
/// makes unnecessary, are left out.
pub(crate) fn fuse<L: LayerModule>(layers: &[L]) -> impl Iterator<Item = FusedLayer<'_, L>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let mut index = next;
        let mut layer = layers.get(index)?;
        if layer.only_flattens()
            && let Some(behind) = layers.get(index + 1)
            && behind.flattens_input()
        {
            (index, layer) = (index + 1, behind);
        }
        let (epilogue, count) = epilogue(layer, &layers[index + 1..]);
        next = index + 1 + count;
        Some(FusedLayer { layer, epilogue })
    })
}

/// What `layer` computes of the layers `behind` it, and how many of them those are. ReLU and maximum
/// may change places: the larger of two numbers stays the larger.
fn epilogue<L: LayerModule>(layer: &L, behind: &[L]) -> (Epilogue, usize) {
    let mut epilogue = Epilogue::default();
    let mut count = 0;
    for next in behind {
        let Some(operation) = next.fusible().filter(|&operation| layer.fuses(operation)) else {
            break;
        };
        let is_done = match operation {
            Fusible::Relu => &mut epilogue.relu,
            Fusible::Pool => &mut epilogue.pool,
        };
        if std::mem::replace(is_done, true) {
            break;
        }
        count += 1;
    }
    (epilogue, count)
}
