//! Convolutions on slices of numbers, forward and backward, fused with their epilogue. This module
//! chooses the algorithm; the modules below implement one each.

use std::borrow::Cow;

mod finish;
mod forward;
mod input_gradient;
mod micro_kernel;
mod pack;
mod padding;
#[cfg(test)]
mod reference;
mod shape;
#[cfg(test)]
mod tests;
mod weight_gradient;
mod windows;
mod winograd;

use crate::elementwise;
use crate::epilogue::Epilogue;
use crate::memory::filled;
use crate::simd::Instructions;
use micro_kernel::block_len;

pub(crate) use forward::{Convolver, Weights};
pub(crate) use pack::WeightOrder;
pub(crate) use shape::ConvShape;
pub use shape::Window;

/// A convolution with bias and epilogue. Maps are `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FusedConvolution {
    pub set: Instructions,
    pub shape: ConvShape,
    pub order: WeightOrder,
    pub epilogue: Epilogue,
}

/// The inputs and outputs of the forward pass that the gradients need.
#[derive(Clone, Copy)]
pub(crate) struct ForwardState<'a> {
    pub input: &'a [f32],
    pub weights: &'a [f32],
    pub output: &'a [f32],
    /// Empty without a pool.
    pub argmax: &'a [u8],
}

impl FusedConvolution {
    /// Shape of the output: `[batch, features, height, width]`.
    pub fn output(&self) -> [usize; 4] {
        let shape = &self.shape;
        let [height, width] = self.epilogue.output_size(shape.output_size());
        [shape.batch, shape.features, height, width]
    }

    /// Computes the output and, with a pool and if `keep_argmax` is set, the argmax of every
    /// pooling window.
    pub fn forward(
        &self,
        input: &[f32],
        weights: &[f32],
        bias: &[f32],
        keep_argmax: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        let weights = Weights::pack(self.set, &self.shape, self.order, self.epilogue, weights);
        let len = self.output().iter().product();
        let kept = if self.epilogue.pool && keep_argmax { len } else { 0 };
        let mut argmax = Vec::new();
        // SAFETY: convolving writes every number of the output and of the argmax.
        let output = unsafe {
            filled(len, |output| {
                argmax = filled(kept, |argmax| {
                    forward::convolve(
                        self.set,
                        &self.shape,
                        input,
                        &weights,
                        Some(bias),
                        self.epilogue,
                        output,
                        argmax,
                    );
                });
            })
        };
        (output, argmax)
    }

    /// The gradient of the ReLU's input, from that of its output. With a pool, the argmax already
    /// accounts for the ReLU.
    pub fn relu_backward<'a>(
        &self,
        gradient: &'a [f32],
        state: &ForwardState<'_>,
    ) -> Cow<'a, [f32]> {
        if self.epilogue.relu && !self.epilogue.pool {
            Cow::Owned(elementwise::relu_gradients(gradient, state.output))
        } else {
            Cow::Borrowed(gradient)
        }
    }

    /// The gradient of the input, from the result of [`Self::relu_backward`].
    pub fn input_gradient(&self, state: &ForwardState<'_>, gradient: &[f32]) -> Vec<f32> {
        let Self { set, shape, order, epilogue } = *self;
        let (weights, sizes) = (state.weights, shape.weights());
        // SAFETY: both functions write every number.
        unsafe {
            filled(state.input.len(), |of_input| {
                if epilogue.pool {
                    let packed = pack::by_feature(weights, &sizes, order, self.row_len());
                    let argmax = state.argmax;
                    input_gradient::pooled(set, &shape, gradient, argmax, &packed, of_input);
                } else if let Some(back) = self.backward_convolution() {
                    let rotated = pack::rotated(weights, &sizes, order, block_len(set.lanes()));
                    let plain = Epilogue::default();
                    let packed = Weights::new(set, &back, plain, rotated);
                    forward::convolve(
                        set,
                        &back,
                        gradient,
                        &packed,
                        None,
                        plain,
                        of_input,
                        &mut [],
                    );
                } else {
                    let block = block_len(set.lanes());
                    let packed = pack::by_kernel_position(weights, &sizes, order, block);
                    input_gradient::dense(set, &shape, gradient, &packed, of_input);
                }
            })
        }
    }

    /// The gradients of weights and bias, from the result of [`Self::relu_backward`].
    pub fn weight_gradient(
        &self,
        state: &ForwardState<'_>,
        gradient: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let Self { set, shape, order, epilogue } = *self;
        let sizes = shape.weights();
        let mut of_weights = vec![0.0; state.weights.len()];
        let few_taps = weight_gradient::has_few_taps(&shape);
        if epilogue.pool && !few_taps {
            let (packed, of_bias) =
                weight_gradient::pooled(set, &shape, state.input, gradient, state.argmax);
            let (packed, row_len) = (packed.as_slice(), self.row_len());
            pack::unpack_by_feature(packed, &sizes, order, row_len, &mut of_weights);
            return (of_weights, of_bias);
        }
        let transformed = (!epilogue.pool && winograd::is_profitable_for_weights(set, &shape))
            .then(|| winograd::weight_gradient(set, &shape, state.input, gradient))
            .flatten();
        let packed = transformed.unwrap_or_else(|| {
            if few_taps {
                let argmax = epilogue.pool.then_some(state.argmax);
                weight_gradient::few_taps(set, &shape, state.input, gradient, argmax)
            } else {
                weight_gradient::dense(set, &shape, state.input, gradient)
            }
        });
        let block = block_len(set.lanes());
        let of_bias = pack::unpack_by_tap(packed.as_slice(), &sizes, order, block, &mut of_weights);
        (of_weights, of_bias)
    }

    /// The convolution of the output's gradient that yields that of the input, where there is one
    /// and its padding costs less than it saves.
    fn backward_convolution(&self) -> Option<ConvShape> {
        let shape = &self.shape;
        let [height, width] = shape.output_size();
        let worth_it = 4 * shape.size[0] * shape.size[1] <= 5 * height * width;
        let square = shape.kernel[0] == shape.kernel[1];
        (shape.stride == 1 && square && shape.padding < shape.kernel[0] && worth_it).then(|| {
            ConvShape {
                channels: shape.features,
                size: [height, width],
                features: shape.channels,
                padding: shape.kernel[0] - 1 - shape.padding,
                ..*shape
            }
        })
    }

    /// The length of a window's row, rounded up to whole vectors.
    fn row_len(&self) -> usize {
        pack::row_len(self.shape.kernel[1] * self.shape.channels, self.set.lanes())
    }
}
