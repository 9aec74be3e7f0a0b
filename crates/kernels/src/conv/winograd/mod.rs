//! 3×3 convolutions with 16 products instead of 36 for every 2×2 outputs (Lavin and Gray 2016,
//! F(2×2, 3×3)).
//!
//! A patch of 4×4 numbers is transformed, multiplied with transformed weights element by element,
//! and transformed back. The transformations would spread infinities and NaN over the whole patch:
//! where an output is not finite, the caller computes the plain sums instead.

mod forward;
mod tiling;
mod weight_gradient;
mod weights;

pub(super) use forward::is_profitable;
pub(super) use tiling::Tiling;
pub(super) use weight_gradient::{is_profitable as is_profitable_for_weights, weight_gradient};
pub(super) use weights::transform_weights;
