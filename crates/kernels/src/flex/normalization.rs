//! Batch normalization and its gradients.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_flex::FlexTensor;

use super::normalization_block::{NormalizationBlock, tracked, untracked};
use super::tensor::{channels_last, from_numbers, numbers};
use crate::epilogue::Epilogue;
use crate::norm::{self, FusedNormalization, MapShape, NormParameters};
use crate::simd::Instructions;

/// Normalization as a backend's operations.
#[backend_extension(Flex, Autodiff)]
trait NormalizationOps: Backend {
    /// Mean and biased variance of every channel, without gradient: `[2, channels]`.
    fn statistics(
        input: FloatTensor<Self>,
        set: Instructions,
        shape: MapShape,
    ) -> FloatTensor<Self>;

    /// Normalizes `input` by `statistics`.
    fn normalize(
        input: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        block: FusedNormalization,
    ) -> FloatTensor<Self>;
}

/// The output, and the batch's mean and variance.
pub(crate) fn normalize_batch(
    set: Instructions,
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    epsilon: f64,
    epilogue: Epilogue,
) -> (Tensor<4>, [Tensor<1>; 2]) {
    let [batch, channels, height, width] = input.dims();
    let shape = MapShape { batch, channels, size: [height, width] };
    let statistics = Tensor::<2>::from_dispatch(<Dispatch as NormalizationOps>::statistics(
        input.clone().into_dispatch(),
        set,
        shape,
    ));
    let both = [0, 1].map(|row| statistics.clone().narrow(0, row, 1).squeeze_dim(0).detach());
    let block =
        FusedNormalization { set, shape, epsilon: epsilon as f32, epilogue, training: true };
    (call(input, scale, shift, statistics, block), both)
}

pub(crate) fn normalize(
    set: Instructions,
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    statistics: [Tensor<1>; 2],
    epsilon: f64,
    epilogue: Epilogue,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let shape = MapShape { batch, channels, size: [height, width] };
    let block =
        FusedNormalization { set, shape, epsilon: epsilon as f32, epilogue, training: false };
    call(input, scale, shift, Tensor::stack(statistics.into(), 0), block)
}

fn call(
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    statistics: Tensor<2>,
    block: FusedNormalization,
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as NormalizationOps>::normalize(
        input.into_dispatch(),
        scale.into_dispatch(),
        shift.into_dispatch(),
        statistics.into_dispatch(),
        block,
    ))
}

impl NormalizationOps for Flex {
    fn statistics(input: FlexTensor, set: Instructions, shape: MapShape) -> FlexTensor {
        let input = channels_last(input);
        let (mut both, variance) = norm::statistics(set, &shape, numbers(&input));
        both.extend(variance);
        from_numbers(both, Shape::from([2, shape.channels]))
    }

    fn normalize(
        input: FlexTensor,
        scale: FlexTensor,
        shift: FlexTensor,
        statistics: FlexTensor,
        block: FusedNormalization,
    ) -> FlexTensor {
        untracked(input, [scale, shift, statistics], &block)
    }
}

/// Scale, shift and statistics as slices.
fn state([scale, shift, statistics]: [&[f32]; 3]) -> NormParameters<'_> {
    let (mean, variance) = statistics.split_at(statistics.len() / 2);
    NormParameters { scale, shift, mean, variance }
}

impl NormalizationBlock<3> for FusedNormalization {
    fn shape(&self) -> MapShape {
        self.shape
    }

    fn epilogue(&self) -> Epilogue {
        self.epilogue
    }

    fn output(
        &self,
        input: &[f32],
        parameters: [&[f32]; 3],
        keep_argmax: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        self.forward(input, &state(parameters), keep_argmax)
    }

    fn gradients_of_inputs(
        &self,
        input: &[f32],
        parameters: [&[f32]; 3],
        argmax: &[u8],
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        self.gradients(input, &state(parameters), argmax, gradient)
    }
}

impl<C: CheckpointStrategy> NormalizationOps for Autodiff<Flex, C> {
    fn statistics(
        input: FloatTensor<Self>,
        set: Instructions,
        shape: MapShape,
    ) -> FloatTensor<Self> {
        <FloatTensor<Self>>::new(Flex::statistics(input.into_primitive(), set, shape))
    }

    fn normalize(
        input: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        block: FusedNormalization,
    ) -> FloatTensor<Self> {
        tracked::<C, _, 3>(input, [scale, shift, statistics], block)
    }
}
