//! Group normalization and its gradients.

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
        forward(&block, &channels_last(input), &[scale, shift].map(contiguous), false).0
    }
}

fn forward(
    block: &GroupNormalization,
    input: &FlexTensor,
    parameters: &[FlexTensor; 2],
    keep_argmax: bool,
) -> (FlexTensor, Vec<u8>) {
    let parameters = parameters.each_ref().map(numbers);
    let (output, argmax) = block.forward(numbers(input), parameters, keep_argmax);
    let [height, width] = block.epilogue.output_size(block.shape.size);
    let shape = [block.shape.batch, block.shape.channels, height, width];
    (from_channels_last(output, shape), argmax)
}

/// The tensors that the gradients need.
#[derive(Clone, Debug)]
struct Saved {
    block: GroupNormalization,
    input: FlexTensor,
    /// Scale and shift.
    parameters: [FlexTensor; 2],
    argmax: Arc<Vec<u8>>,
}

#[derive(Debug)]
struct GroupNormalizationBackward;

impl Backward<Flex, 3> for GroupNormalizationBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = channels_last(grads.consume::<Flex>(&ops.node));
        let Saved { block, input, parameters, argmax } = ops.state;
        let parameters = parameters.each_ref().map(numbers);
        let [of_input, of_scale, of_shift] =
            block.gradients(numbers(&input), parameters, &argmax, numbers(&gradient));
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

impl<C: CheckpointStrategy> GroupNormalizationOps for Autodiff<Flex, C> {
    fn normalize_groups(
        input: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        block: GroupNormalization,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), scale.node(), shift.node()];
        let input = channels_last(input.into_primitive());
        let parameters = [scale, shift].map(|tensor| contiguous(tensor.into_primitive()));
        match GroupNormalizationBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, argmax) = forward(&block, &input, &parameters, true);
                let argmax = Arc::new(argmax);
                prep.finish(Saved { block, input, parameters, argmax }, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(forward(&block, &input, &parameters, false).0),
        }
    }
}
