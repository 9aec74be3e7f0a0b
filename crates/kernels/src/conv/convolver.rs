//! The forward pass of a convolution with packed weights: the choice between the algorithms
//! without groups, for small and for large groups.

use std::mem::MaybeUninit;

use super::forward::{DenseConvolver, Weights};
use super::large_groups::LargeGroupsConvolver;
use super::pack::WeightOrder;
use super::shape::{ConvShape, Grouping};
use super::small_groups::SmallGroupsConvolver;
use crate::epilogue::Epilogue;
use crate::simd::Instructions;

/// A convolution prepared for chunks of images, with its weights.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // There are few of them, each with weights on the heap.
pub(crate) enum Convolver {
    Dense { set: Instructions, convolver: DenseConvolver, weights: Weights },
    SmallGroups(SmallGroupsConvolver),
    LargeGroups(LargeGroupsConvolver),
}

impl Convolver {
    /// Packs `weights`, which lie in the given `order`, and prepares for chunks of up to `chunk`
    /// images.
    pub fn new(
        set: Instructions,
        shape: &ConvShape,
        order: WeightOrder,
        epilogue: Epilogue,
        weights: &[f32],
        chunk: usize,
    ) -> Self {
        assert_eq!(weights.len(), shape.features * shape.taps(), "weights of {shape:?}");
        match shape.grouping() {
            Grouping::Dense => Self::Dense {
                set,
                convolver: DenseConvolver::new(*shape, epilogue, chunk),
                weights: Weights::pack(set, shape, order, epilogue, weights),
            },
            Grouping::SmallGroups => Self::SmallGroups(SmallGroupsConvolver::new(
                set, shape, order, epilogue, weights, chunk,
            )),
            Grouping::LargeGroups => {
                Self::LargeGroups(LargeGroupsConvolver::new(set, shape, epilogue, weights, chunk))
            }
        }
    }

    /// Numbers in one image of the output.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Dense { convolver, .. } => convolver.outputs(),
            Self::SmallGroups(convolver) => convolver.outputs(),
            Self::LargeGroups(convolver) => convolver.outputs(),
        }
    }

    /// Convolves some images of `input`, `[images, height, width, channels]`, on this thread. Writes
    /// every number of `output`, `[images, height, width, features]`, and the argmax of each pooling
    /// window, unless `argmax` is empty.
    pub fn run(
        &self,
        input: &[f32],
        bias: &[f32],
        output: &mut [MaybeUninit<f32>],
        argmax: &mut [MaybeUninit<u8>],
    ) {
        match self {
            Self::Dense { set, convolver, weights } => {
                convolver.run(*set, input, weights, Some(bias), output, argmax);
            }
            Self::SmallGroups(convolver) => convolver.run(input, Some(bias), output, argmax),
            Self::LargeGroups(convolver) => convolver.run(input, bias, output, argmax),
        }
    }
}
