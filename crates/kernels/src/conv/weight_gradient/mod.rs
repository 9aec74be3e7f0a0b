//! The gradients of a convolution's weights and bias, from that of its output.

mod dense;
mod few_taps;
mod pooled;

pub(super) use dense::{Gradients, Tile, tile_len, weight_gradient as dense};
pub(super) use few_taps::{pays as few_taps_pays, weight_gradient as few_taps};
pub(super) use pooled::weight_gradient as pooled;
