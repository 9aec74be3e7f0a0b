//! Convolution with bias, and what may follow it, as one operation on tensors.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, activation};

use super::fallback;
use crate::conv::Window;
use crate::epilogue::Epilogue;

/// Convolves `input` with `weight`, adds `bias`, then does what `epilogue` says.
///
/// # Shapes
/// `input`: `[batch, channels, height, width]`, `weight`: `[features, channels, kernel height,
/// kernel width]`, `bias`: `[features]`; result: `[batch, features, height, width]`, halved (an odd
/// last row or column left out) by a pool.
///
/// On the flex backend, gradients that are exactly zero may contribute nothing even where what they
/// are multiplied with is infinite or NaN: behind a pool, they are left out.
#[must_use]
pub fn convolution(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
    epilogue: Epilogue,
) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&input) {
        return crate::flex::convolution(input, weight, bias, window, epilogue);
    }
    let Window { stride, padding } = window;
    let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
    fallback::followed_by(conv2d(input, weight, bias, options), epilogue)
}

/// A linear layer over a whole map, or a row of numbers with height and width 1, and what follows.
///
/// # Shapes
/// `input`: `[batch, channels, height, width]`, `weight`: `[channels · height · width, features]`,
/// `bias`: `[features]`; result: `[batch, features]`.
#[must_use]
pub fn linear(
    input: Tensor<4>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    relu: bool,
) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&input) {
        return crate::flex::linear(input, weight, bias, relu);
    }
    let output = burn::tensor::module::linear(input.flatten(1, 3), weight, bias);
    if relu { activation::relu(output) } else { output }
}
