//! Convolutions in large groups: each group is a dense convolution of a slice of the channels, copied to
//! memory of its own.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::dense::{DenseConvolution, DenseState};
use super::forward::{DenseConvolver, Weights};
use super::pack::WeightOrder;
use super::shape::ConvShape;
use crate::epilogue::Epilogue;
use crate::memory::filled;
use crate::simd::Instructions;

/// The dense convolution of one group.
fn of_group(shape: &ConvShape) -> ConvShape {
    let ConvShape { channels, features, groups, .. } = *shape;
    ConvShape { channels: channels / groups, features: features / groups, groups: 1, ..*shape }
}

/// Positions that one task of a thread copies.
const POSITIONS: usize = 1024;

/// Copies `count` numbers of every position, from the one at `first` on, out of `map`, `[positions,
/// width]`.
fn gather(map: &[f32], width: usize, first: usize, count: usize) -> Vec<f32> {
    let mut slice = Vec::with_capacity(map.len() / width * count);
    for position in map.chunks_exact(width) {
        slice.extend_from_slice(&position[first..first + count]);
    }
    slice
}

/// Does the same on all threads.
fn gather_in_parallel<T: Copy + Send + Sync>(
    map: &[T],
    width: usize,
    first: usize,
    count: usize,
) -> Vec<T> {
    let fill = |slice: &mut [MaybeUninit<T>]| {
        let chunks = slice.par_chunks_mut(POSITIONS * count);
        chunks.zip(map.par_chunks(POSITIONS * width)).for_each(|(slice, map)| {
            for (to, from) in slice.chunks_exact_mut(count).zip(map.chunks_exact(width)) {
                to.write_copy_of_slice(&from[first..first + count]);
            }
        });
    };
    // SAFETY: the slice of every position is written.
    unsafe { filled(map.len() / width * count, fill) }
}

/// Undoes [`gather`]: copies `slice`, `[positions, count]`, into `map`, `[positions, width]`.
fn scatter<T: Copy>(
    slice: &[T],
    map: &mut [MaybeUninit<T>],
    width: usize,
    first: usize,
    count: usize,
) {
    for (from, to) in slice.chunks_exact(count).zip(map.chunks_exact_mut(width)) {
        to[first..first + count].write_copy_of_slice(from);
    }
}

/// A convolution in groups, prepared for chunks of images.
#[derive(Debug)]
pub(crate) struct LargeGroupsConvolver {
    set: Instructions,
    shape: ConvShape,
    /// The shape of one group.
    group: ConvShape,
    convolver: DenseConvolver,
    /// Of each group.
    weights: Vec<Weights>,
}

impl LargeGroupsConvolver {
    /// Packs `weights`, `[features, channels of a group, rows, columns]`, and prepares for chunks of
    /// up to `chunk` images.
    pub fn new(
        set: Instructions,
        shape: &ConvShape,
        epilogue: Epilogue,
        weights: &[f32],
        chunk: usize,
    ) -> Self {
        let group = of_group(shape);
        let order = WeightOrder::convolution(&group);
        let weights = weights
            .chunks_exact(group.features * group.taps())
            .map(|weights| Weights::pack(set, &group, order, epilogue, weights))
            .collect();
        let convolver = DenseConvolver::new(group, epilogue, chunk);
        Self { set, shape: *shape, group, convolver, weights }
    }

    /// Numbers in one image of the output.
    pub fn outputs(&self) -> usize {
        self.convolver.outputs() * self.shape.groups
    }

    /// Convolves some images on this thread.
    pub fn run(
        &self,
        input: &[f32],
        bias: &[f32],
        output: &mut [MaybeUninit<f32>],
        argmax: &mut [MaybeUninit<u8>],
    ) {
        let ConvShape { channels, features, groups, .. } = self.shape;
        let group = &self.group;
        assert_eq!(input.len() % self.shape.image_len(), 0);
        assert_eq!(output.len(), input.len() / self.shape.image_len() * self.outputs());
        assert!(argmax.is_empty() || argmax.len() == output.len());
        if output.is_empty() {
            return;
        }
        for (index, weights) in self.weights.iter().enumerate() {
            let input = gather(input, channels, index * group.channels, group.channels);
            let first = index * group.features;
            let bias = &bias[first..first + group.features];
            let mut of_group = Vec::new();
            // SAFETY: convolving writes every number of the output and of the argmax.
            let values = unsafe {
                filled(output.len() / groups, |output| {
                    of_group = filled(argmax.len() / groups, |argmax| {
                        self.convolver.run(self.set, &input, weights, Some(bias), output, argmax);
                    });
                })
            };
            scatter(&values, output, features, first, group.features);
            if !argmax.is_empty() {
                scatter(&of_group, argmax, features, first, group.features);
            }
        }
    }
}

/// The gradients of a convolution in groups.
#[derive(Clone, Copy)]
pub(super) struct LargeGroupsGradients<'a> {
    pub set: Instructions,
    pub shape: &'a ConvShape,
    pub epilogue: Epilogue,
    pub weights: &'a [f32],
    /// Of the output before the ReLU.
    pub gradient: &'a [f32],
    /// Empty without a pool.
    pub argmax: &'a [u8],
}

impl LargeGroupsGradients<'_> {
    /// Calls `visit` with the index of each group, its convolution, weights, gradient and argmax.
    fn for_each_group(&self, mut visit: impl FnMut(usize, DenseConvolution, [&[f32]; 2], &[u8])) {
        let Self { set, shape, epilogue, weights, gradient, argmax } = *self;
        let group = of_group(shape);
        let order = WeightOrder::convolution(&group);
        let convolution = DenseConvolution { set, shape: group, order, epilogue };
        let len = group.features * group.taps();
        for (index, weights) in weights.chunks_exact(len).enumerate() {
            let first = index * group.features;
            let gradient = gather_in_parallel(gradient, shape.features, first, group.features);
            let argmax = gather_in_parallel(argmax, shape.features, first, group.features);
            visit(index, convolution, [weights, &gradient], &argmax);
        }
    }

    /// The gradient of the input, `[batch, height, width, channels]`.
    pub fn of_input(&self) -> Vec<f32> {
        let channels = self.shape.channels;
        let fill = |of_input: &mut [MaybeUninit<f32>]| {
            self.for_each_group(|index, convolution, [weights, gradient], argmax| {
                let state = DenseState { input: &[], weights, argmax };
                let values = convolution.input_gradient(&state, gradient);
                let count = convolution.shape.channels;
                let chunks = of_input.par_chunks_mut(POSITIONS * channels);
                chunks.zip(values.par_chunks(POSITIONS * count)).for_each(|(map, slice)| {
                    scatter(slice, map, channels, index * count, count);
                });
            });
        };
        // SAFETY: the groups together write every channel.
        unsafe { filled(self.shape.batch * self.shape.image_len(), fill) }
    }

    /// The gradients of weights and bias, from the `input` of the forward pass.
    pub fn of_weights(&self, input: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let channels = self.shape.channels;
        let (mut of_weights, mut of_bias) = (Vec::new(), Vec::new());
        self.for_each_group(|index, convolution, [weights, gradient], argmax| {
            let count = convolution.shape.channels;
            let input = gather_in_parallel(input, channels, index * count, count);
            let state = DenseState { input: &input, weights, argmax };
            let (weights, bias) = convolution.weight_gradient(&state, gradient);
            of_weights.extend(weights);
            of_bias.extend(bias);
        });
        (of_weights, of_bias)
    }
}
