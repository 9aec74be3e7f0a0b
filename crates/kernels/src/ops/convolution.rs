//! Convolutions and linear layers with bias, fused with the ReLU and the pool behind them.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, activation};

use super::fallback;
use crate::conv::Window;
use crate::epilogue::Epilogue;

/// Convolves `input` with `weight`, adds `bias` and applies `epilogue`.
///
/// # Shapes
/// `input`: `[batch, channels, height, width]`, `weight`: `[features, channels / groups,
/// kernel height, kernel width]`, `bias`: `[features]`; result: `[batch, features, height, width]`. A pool halves
/// height and width and drops an odd last row or column.
///
/// On the flex backend, the backward pass skips gradients of exactly zero behind a pool, so that
/// they contribute nothing even where the other factor is infinite or NaN.
///
/// # Panics
/// Panics if the groups do not divide channels and features, or the weights do not fit them.
#[must_use]
pub fn convolution(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
    epilogue: Epilogue,
) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(set) = crate::flex::instructions_for(&input) {
        return crate::flex::convolution(set, input, weight, bias, window, epilogue);
    }
    let Window { stride, padding, groups } = window;
    let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], groups);
    fallback::followed_by(conv2d(input, weight, bias, options), epilogue)
}

/// A linear layer over a whole map, fused with a ReLU if `relu` is set. A row of features is a map
/// of height and width 1.
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
    if let Some(set) = crate::flex::instructions_for(&input) {
        return crate::flex::linear(set, input, weight, bias, relu);
    }
    let output = burn::tensor::module::linear(input.flatten(1, 3), weight, bias);
    if relu { activation::relu(output) } else { output }
}
