//! A residual block: what some layers make of a map, plus the map itself or a shortcut's, and
//! perhaps a ReLU.

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

/// The input of a residual block, for its two ways: the gradients of both are added in one pass,
/// so both must have one or neither. `input` is `[batch, channels, height, width]`.
#[must_use]
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&input) {
        return crate::flex::fork(input);
    }
    [input.clone(), input]
}
