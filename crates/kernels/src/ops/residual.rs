//! The two ends of a residual block: the fork of its input, and the addition of its two branches.

use burn::tensor::{Tensor, activation};

/// Adds `left` and `right`, and applies a ReLU if `relu` is set. Both are `[batch, channels,
/// height, width]`.
#[must_use]
pub fn add(left: Tensor<4>, right: Tensor<4>, relu: bool) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if crate::flex::instructions_for(&left).is_some() {
        return crate::flex::add(left, right, relu);
    }
    let sum = left + right;
    if relu { activation::relu(sum) } else { sum }
}

/// Forks the input of a residual block into its two branches. Backward, one pass adds the gradients
/// of both, so either both branches must have a gradient or neither. `input` is `[batch, channels,
/// height, width]`.
#[must_use]
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    #[cfg(feature = "flex")]
    if crate::flex::instructions_for(&input).is_some() {
        return crate::flex::fork(input);
    }
    [input.clone(), input]
}
