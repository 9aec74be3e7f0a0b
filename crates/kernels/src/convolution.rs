//! Convolution with bias, and what may follow it, as one operation on tensors.

use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, activation};

use crate::Epilogue;

/// How a kernel moves over its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Steps of the kernel, down and right.
    pub stride: usize,
    /// Zeros around the input, on every side.
    pub padding: usize,
}

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
    let output = conv2d(input, weight, bias, options);
    let output = if epilogue.pool { halve(output) } else { output };
    if epilogue.relu { activation::relu(output) } else { output }
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

/// The largest of every 2×2 window.
pub(crate) fn halve(map: Tensor<4>) -> Tensor<4> {
    max_pool2d(map, MaxPoolOptions::new([2; 2]))
}
