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

/// `layers(input) + input`, and the ReLU of it if asked for; the layers must keep the shape,
/// `[batch, channels, height, width]`.
#[must_use]
pub fn add_to_input(
    input: Tensor<4>,
    layers: impl FnOnce(Tensor<4>) -> Tensor<4>,
    relu: bool,
) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&input) {
        return crate::flex::add_to_input(input, layers, relu);
    }
    add(layers(input.clone()), input, relu)
}
