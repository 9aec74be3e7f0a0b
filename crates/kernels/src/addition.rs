//! The end of a residual block: two maps added, and perhaps a ReLU.

use burn::tensor::{Tensor, activation};

/// `left + right`, and the ReLU of it if asked for. Both are `[batch, channels, height, width]`.
#[must_use]
pub fn add(left: Tensor<4>, right: Tensor<4>, relu: bool) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&left) {
        return crate::flex::add(left, right, relu);
    }
    let sum = left + right;
    if relu { activation::relu(sum) } else { sum }
}
