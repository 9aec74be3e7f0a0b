//! Batch normalization and its gradients.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_flex::FlexTensor;

use super::tensor::{channels_last, contiguous, from_channels_last, from_numbers, numbers};
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
        let parameters = [scale, shift, statistics].map(contiguous);
        forward(&block, &channels_last(input), &parameters, false).0
    }
}

/// Scale, shift and statistics as slices.
fn state(parameters: &[FlexTensor; 3]) -> NormParameters<'_> {
    let [scale, shift, statistics] = parameters.each_ref().map(numbers);
    let (mean, variance) = statistics.split_at(statistics.len() / 2);
    NormParameters { scale, shift, mean, variance }
}

fn forward(
    block: &FusedNormalization,
    input: &FlexTensor,
    parameters: &[FlexTensor; 3],
    keep_argmax: bool,
) -> (FlexTensor, Vec<u8>) {
    let (output, argmax) = block.forward(numbers(input), &state(parameters), keep_argmax);
    let [height, width] = block.epilogue.output_size(block.shape.size);
    let shape = [block.shape.batch, block.shape.channels, height, width];
    (from_channels_last(output, shape), argmax)
}

/// The tensors that the gradients need.
#[derive(Clone, Debug)]
struct Saved {
    block: FusedNormalization,
    input: FlexTensor,
    parameters: [FlexTensor; 3],
    argmax: Arc<Vec<u8>>,
}

#[derive(Debug)]
struct NormalizationBackward;

impl Backward<Flex, 3> for NormalizationBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = channels_last(grads.consume::<Flex>(&ops.node));
        let Saved { block, input, parameters, argmax } = ops.state;
        let [of_input, of_scale, of_shift] =
            block.gradients(numbers(&input), &state(&parameters), &argmax, numbers(&gradient));
        let MapShape { batch, channels, size: [height, width] } = block.shape;
        let [input, scale, shift] = ops.parents;
        if let Some(node) = input {
            let of_input = from_channels_last(of_input, [batch, channels, height, width]);
            grads.register::<Flex>(node.id, of_input);
        }
        for (node, numbers) in [(scale, of_scale), (shift, of_shift)] {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, from_numbers(numbers, Shape::from([channels])));
            }
        }
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
        let nodes = [input.node(), scale.node(), shift.node()];
        let input = channels_last(input.into_primitive());
        let parameters =
            [scale, shift, statistics].map(|tensor| contiguous(tensor.into_primitive()));
        match NormalizationBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, argmax) = forward(&block, &input, &parameters, true);
                let argmax = Arc::new(argmax);
                prep.finish(Saved { block, input, parameters, argmax }, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(forward(&block, &input, &parameters, false).0),
        }
    }
}
