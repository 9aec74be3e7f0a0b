//! The gradients of a convolution without groups: the choice among the dense algorithms.

use super::forward::{self, Weights};
use super::micro_kernel::block_len;
use super::pack::{self, WeightOrder};
use super::shape::ConvShape;
use super::{input_gradient, weight_gradient, winograd};
use crate::epilogue::Epilogue;
use crate::memory::filled;
use crate::simd::Instructions;

/// A convolution without groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct DenseConvolution {
    pub set: Instructions,
    pub shape: ConvShape,
    pub order: WeightOrder,
    pub epilogue: Epilogue,
}

/// The inputs of the forward pass and the argmax of its pooling windows.
#[derive(Clone, Copy)]
pub(super) struct DenseState<'a> {
    pub input: &'a [f32],
    pub weights: &'a [f32],
    /// Empty without a pool.
    pub argmax: &'a [u8],
}

impl DenseConvolution {
    /// The gradient of the input, from that of the output before the ReLU.
    pub fn input_gradient(&self, state: &DenseState<'_>, gradient: &[f32]) -> Vec<f32> {
        let Self { set, shape, order, epilogue } = *self;
        let (weights, sizes) = (state.weights, shape.weights());
        // SAFETY: both functions write every number.
        unsafe {
            filled(shape.batch * shape.image_len(), |of_input| {
                if epilogue.pool {
                    let packed = pack::by_feature(weights, &sizes, order, self.row_len());
                    let argmax = state.argmax;
                    input_gradient::pooled(set, &shape, gradient, argmax, &packed, of_input);
                } else if let Some(back) = self.backward_convolution() {
                    let rotated = pack::rotated(weights, &sizes, order, block_len(set.lanes()));
                    let plain = Epilogue::default();
                    let packed = Weights::new(set, &back, plain, rotated);
                    forward::convolve(set, &back, gradient, &packed, of_input);
                } else {
                    let block = block_len(set.lanes());
                    let packed = pack::by_kernel_position(weights, &sizes, order, block);
                    input_gradient::dense(set, &shape, gradient, &packed, of_input);
                }
            })
        }
    }

    /// The gradients of weights and bias, from that of the output before the ReLU.
    pub fn weight_gradient(
        &self,
        state: &DenseState<'_>,
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
