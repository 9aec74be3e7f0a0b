//! Convolutions on slices of numbers, forward and backward, fused with their epilogue. This module
//! chooses the algorithm; the modules below implement one each.

use std::borrow::Cow;

mod chunks;
mod convolver;
mod dense;
mod finish;
mod forward;
mod input_gradient;
mod large_groups;
mod micro_kernel;
mod pack;
mod padding;
#[cfg(test)]
mod reference;
mod shape;
mod small_groups;
#[cfg(test)]
mod tests;
mod weight_gradient;
mod windows;
mod winograd;

use crate::elementwise;
use crate::epilogue::Epilogue;
use crate::memory::filled;
use crate::simd::Instructions;
use chunks::{ChunkLens, for_each_chunk};
use dense::{DenseConvolution, DenseState};
use large_groups::LargeGroupsGradients;
use shape::Grouping;
use windows::{Order, WindowLayout, chunk_len};

pub(crate) use convolver::Convolver;
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
        let Self { set, shape, order, epilogue } = *self;
        let positions = WindowLayout::new(&shape).positions(Order::of(epilogue));
        let chunk = chunk_len(positions, shape.batch, rayon::current_num_threads());
        let convolver = Convolver::new(set, &shape, order, epilogue, weights, chunk);
        let len = shape.batch * convolver.outputs();
        let kept = if epilogue.pool && keep_argmax { len } else { 0 };
        let lens =
            ChunkLens { input: chunk * shape.image_len(), output: chunk * convolver.outputs() };
        assert_eq!(input.len(), shape.batch * shape.image_len());
        let mut argmax = Vec::new();
        // SAFETY: convolving writes every number of the output and of the argmax.
        let output = unsafe {
            filled(len, |output| {
                argmax = filled(kept, |argmax| {
                    for_each_chunk(lens, input, output, argmax, |input, output, argmax| {
                        convolver.run(input, bias, output, argmax);
                    });
                });
            })
        };
        (output, argmax)
    }

    /// The gradient of the output before the epilogue, from that of the output. Except
    /// for small groups, it is still that of the pool's output, whose argmax accounts for the ReLU.
    pub fn epilogue_backward<'a>(
        &self,
        gradient: &'a [f32],
        state: &ForwardState<'_>,
    ) -> Cow<'a, [f32]> {
        let Self { set, shape, epilogue, .. } = self;
        if epilogue.pool && shape.grouping() == Grouping::SmallGroups {
            Cow::Owned(small_groups::undo_pool(*set, shape, gradient, state.argmax))
        } else if epilogue.relu && !epilogue.pool {
            Cow::Owned(elementwise::relu_gradients(gradient, state.output))
        } else {
            Cow::Borrowed(gradient)
        }
    }

    /// The gradient of the input, from the result of [`Self::epilogue_backward`].
    pub fn input_gradient(&self, state: &ForwardState<'_>, gradient: &[f32]) -> Vec<f32> {
        let Self { set, shape, order, .. } = *self;
        match shape.grouping() {
            Grouping::Dense => self.dense().input_gradient(&state.dense(), gradient),
            Grouping::SmallGroups => {
                small_groups::input_gradient(set, &shape, order, state.weights, gradient)
            }
            Grouping::LargeGroups => self.large_groups(state, gradient).of_input(),
        }
    }

    /// The gradients of weights and bias, from the result of [`Self::epilogue_backward`].
    pub fn weight_gradient(
        &self,
        state: &ForwardState<'_>,
        gradient: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let Self { set, shape, order, .. } = *self;
        match shape.grouping() {
            Grouping::Dense => self.dense().weight_gradient(&state.dense(), gradient),
            Grouping::SmallGroups => {
                small_groups::weight_gradient(set, &shape, order, state.input, gradient)
            }
            Grouping::LargeGroups => self.large_groups(state, gradient).of_weights(state.input),
        }
    }

    fn dense(&self) -> DenseConvolution {
        let Self { set, shape, order, epilogue } = *self;
        DenseConvolution { set, shape, order, epilogue }
    }

    fn large_groups<'a>(
        &'a self,
        state: &ForwardState<'a>,
        gradient: &'a [f32],
    ) -> LargeGroupsGradients<'a> {
        let Self { set, shape, epilogue, .. } = self;
        let ForwardState { weights, argmax, .. } = *state;
        LargeGroupsGradients { set: *set, shape, epilogue: *epilogue, weights, gradient, argmax }
    }
}

impl<'a> ForwardState<'a> {
    fn dense(&self) -> DenseState<'a> {
        DenseState { input: self.input, weights: self.weights, argmax: self.argmax }
    }
}
