//! Public operations on Burn's tensors. Each runs a kernel where the backend is flex, and Burn's
//! own operations elsewhere.

mod adam;
mod convolution;
mod cross_entropy;
mod fallback;
mod normalization;
mod residual;

pub use adam::{AdamParameter, adam_step};
pub use convolution::{convolution, linear};
pub use cross_entropy::cross_entropy;
pub use normalization::{Normalized, normalize, normalize_batch, normalize_groups};
pub use residual::{add, fork};
