//! Group normalization and its gradients.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;
use burn_flex::FlexTensor;

use super::normalization_block::{NormalizationBlock, tracked, untracked};
use crate::epilogue::Epilogue;
use crate::norm::{GroupNormalization, MapShape};
use crate::simd::Instructions;

/// Group normalization as a backend's operation.
#[backend_extension(Flex, Autodiff)]
trait GroupNormalizationOps: Backend {
    /// Normalizes the groups of every image of `input`.
    fn normalize_groups(
        input: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        block: GroupNormalization,
    ) -> FloatTensor<Self>;
}

pub(crate) fn normalize_groups(
    set: Instructions,
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    groups: usize,
    epsilon: f64,
    epilogue: Epilogue,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let shape = MapShape { batch, channels, size: [height, width] };
    let block = GroupNormalization { set, shape, groups, epsilon: epsilon as f32, epilogue };
    Tensor::from_dispatch(<Dispatch as GroupNormalizationOps>::normalize_groups(
        input.into_dispatch(),
        scale.into_dispatch(),
        shift.into_dispatch(),
        block,
    ))
}

impl GroupNormalizationOps for Flex {
    fn normalize_groups(
        input: FlexTensor,
        scale: FlexTensor,
        shift: FlexTensor,
        block: GroupNormalization,
    ) -> FlexTensor {
        untracked(input, [scale, shift], &block)
    }
}

impl NormalizationBlock<2> for GroupNormalization {
    fn shape(&self) -> MapShape {
        self.shape
    }

    fn epilogue(&self) -> Epilogue {
        self.epilogue
    }

    fn output(
        &self,
        input: &[f32],
        parameters: [&[f32]; 2],
        keep_argmax: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        self.forward(input, parameters, keep_argmax)
    }

    fn gradients_of_inputs(
        &self,
        input: &[f32],
        parameters: [&[f32]; 2],
        argmax: &[u8],
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        self.gradients(input, parameters, argmax, gradient)
    }
}

impl<C: CheckpointStrategy> GroupNormalizationOps for Autodiff<Flex, C> {
    fn normalize_groups(
        input: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        block: GroupNormalization,
    ) -> FloatTensor<Self> {
        tracked::<C, _, 2>(input, [scale, shift], block)
    }
}
