//! A convolution with what follows it, forward and backward, on slices of numbers.

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
pub(crate) struct ConvBlock {
    pub shape: ConvShape,
    pub order: WeightOrder,
    pub epilogue: Epilogue,
}

/// What forward worked on and made, for the gradients.
#[derive(Clone, Copy)]
pub(crate) struct BlockState<'a> {
    pub input: &'a [f32],
    pub weights: &'a [f32],
    pub output: &'a [f32],
    /// Empty without a pool.
    pub winners: &'a [u8],
}

impl ConvBlock {
    /// Shape of the output: `[batch, features, height, width]`.
    pub fn output(&self) -> [usize; 4] {
        let shape = &self.shape;
        let [height, width] = self.epilogue.output_size(shape.output_size());
        [shape.batch, shape.features, height, width]
    }

    /// The output and, with a pool and if asked for, the winners of its windows.
    pub fn forward(
        &self,
        set: Instructions,
        input: &[f32],
        weights: &[f32],
        bias: &[f32],
        keep_winners: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        let weights = Weights::pack(set, &self.shape, self.order, self.epilogue, weights);
        let len = self.output().iter().product();
        let kept = if self.epilogue.pool && keep_winners { len } else { 0 };
        let mut winners = Vec::new();
        // SAFETY: convolving writes every number of the output and of the winners.
        let output = unsafe {
            filled(len, |output| {
                winners = filled(kept, |winners| {
                    forward::convolve(
                        set,
                        &self.shape,
                        input,
                        &weights,
                        Some(bias),
                        self.epilogue,
                        output,
                        winners,
                    );
                });
            })
        };
        (output, winners)
    }

    /// The output's gradient taken back through the ReLU. A pool's winners know of it already.
    pub fn before_relu<'a>(&self, gradient: &'a [f32], state: &BlockState<'_>) -> Cow<'a, [f32]> {
        if self.epilogue.relu && !self.epilogue.pool {
            Cow::Owned(elementwise::masked(gradient, state.output))
        } else {
            Cow::Borrowed(gradient)
        }
    }

    /// The gradient of the input, from that before the ReLU.
    pub fn input_gradient(
        &self,
        set: Instructions,
        state: &BlockState<'_>,
        gradient: &[f32],
    ) -> Vec<f32> {
        let Self { shape, order, epilogue } = self;
        let (weights, sizes) = (state.weights, shape.weights());
        // SAFETY: both functions write every number.
        unsafe {
            filled(state.input.len(), |of_input| {
                if epilogue.pool {
                    let packed = pack::by_feature(weights, &sizes, *order, self.row_len(set));
                    let winners = state.winners;
                    input_gradient::pooled(set, shape, gradient, winners, &packed, of_input);
                } else if let Some(back) = self.backward_convolution() {
                    let turned = pack::turned(weights, &sizes, *order, block_len(set.lanes()));
                    let plain = Epilogue::default();
                    let packed = Weights::new(set, &back, plain, turned);
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
                    let packed = pack::by_place(weights, &sizes, *order, block);
                    input_gradient::dense(set, shape, gradient, &packed, of_input);
                }
            })
        }
    }

    /// The gradients of weights and bias, from that before the ReLU.
    pub fn weight_gradient(
        &self,
        set: Instructions,
        state: &BlockState<'_>,
        gradient: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let Self { shape, order, epilogue } = self;

        let sizes = shape.weights();
        let mut of_weights = vec![0.0; state.weights.len()];
        let few_taps = weight_gradient::few_taps_pays(shape);
        if epilogue.pool && !few_taps {
            let (packed, of_bias) =
                weight_gradient::pooled(set, shape, state.input, gradient, state.winners);
            let (packed, row_len) = (packed.numbers(), self.row_len(set));
            pack::unpack_by_feature(packed, &sizes, *order, row_len, &mut of_weights);
            return (of_weights, of_bias);
        }
        let transformed = (!epilogue.pool && winograd::pays_for_weights(set, shape))
            .then(|| winograd::weight_gradient(set, shape, state.input, gradient))
            .flatten();
        let packed = transformed.unwrap_or_else(|| {
            if few_taps {
                let winners = epilogue.pool.then_some(state.winners);
                weight_gradient::few_taps(set, shape, state.input, gradient, winners)
            } else {
                weight_gradient::dense(set, shape, state.input, gradient)
            }
        });
        let block = block_len(set.lanes());
        let of_bias = pack::unpack_by_tap(packed.numbers(), &sizes, *order, block, &mut of_weights);
        (of_weights, of_bias)
    }

    /// The convolution of the output's gradient that makes the input's, where there is one and its
    /// padding does not cost more than it saves.
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

    /// A row of a window in whole vectors.
    fn row_len(&self, set: Instructions) -> usize {
        pack::row_len(self.shape.kernel[1] * self.shape.channels, set.lanes())
    }
}
