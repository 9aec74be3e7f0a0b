//! 3×3 convolutions with 16 products instead of 36 for every 2×2 outputs (Lavin and Gray 2016,
//! F(2×2, 3×3)).
//!
//! A patch of 4×4 numbers is transformed, multiplied with transformed weights place by place, and
//! transformed back. Infinities and NaN would spread over the whole patch on the way: where
//! something not finite comes out, the caller convolves its images the plain way.

mod forward;
mod tiling;
mod weight_gradient;
mod weights;

pub(super) use forward::pays;
pub(super) use tiling::Tiling;
pub(super) use weight_gradient::{pays as pays_for_weights, weight_gradient};
pub(super) use weights::transform_weights;
