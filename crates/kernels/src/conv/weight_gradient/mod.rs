//! The gradients of a convolution's weights and bias, from that of its output.

mod dense;
mod few_taps;
mod pooled;

pub(super) use dense::{RegisterTile, TileInputs, tile_len, weight_gradient as dense};
pub(super) use few_taps::{has_few_taps, weight_gradient as few_taps};
pub(super) use pooled::weight_gradient as pooled;
