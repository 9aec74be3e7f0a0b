//! What batch and group normalization have in common: a map and its parameters in, a map out, and
//! gradients for input, scale and shift.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::Shape;
use burn_flex::FlexTensor;

use super::tensor::{channels_last, contiguous, from_channels_last, from_numbers, numbers};
use crate::epilogue::Epilogue;
use crate::norm::MapShape;

/// A normalization with `P` parameters, of which scale and shift are the first.
pub(super) trait NormalizationBlock<const P: usize>: Clone + Debug + Send + 'static {
    /// The sizes of the input.
    fn shape(&self) -> MapShape;

    /// The operations behind it.
    fn epilogue(&self) -> Epilogue;

    /// The output, and, with a pool and if `keep_argmax` is set, the argmax of every pooling window.
    fn output(
        &self,
        input: &[f32],
        parameters: [&[f32]; P],
        keep_argmax: bool,
    ) -> (Vec<f32>, Vec<u8>);

    /// The gradients of input, scale and shift from that of the output.
    fn gradients_of_inputs(
        &self,
        input: &[f32],
        parameters: [&[f32]; P],
        argmax: &[u8],
        gradient: &[f32],
    ) -> [Vec<f32>; 3];
}

/// Computes the output without gradients.
pub(super) fn untracked<B: NormalizationBlock<P>, const P: usize>(
    input: FlexTensor,
    parameters: [FlexTensor; P],
    block: &B,
) -> FlexTensor {
    forward(block, &channels_last(input), &parameters.map(contiguous), false).0
}

fn forward<B: NormalizationBlock<P>, const P: usize>(
    block: &B,
    input: &FlexTensor,
    parameters: &[FlexTensor; P],
    keep_argmax: bool,
) -> (FlexTensor, Vec<u8>) {
    let parameters = parameters.each_ref().map(numbers);
    let (output, argmax) = block.output(numbers(input), parameters, keep_argmax);
    let MapShape { batch, channels, size } = block.shape();
    let [height, width] = block.epilogue().output_size(size);
    (from_channels_last(output, [batch, channels, height, width]), argmax)
}

/// The tensors that the gradients need.
#[derive(Clone, Debug)]
struct Saved<B, const P: usize> {
    block: B,
    input: FlexTensor,
    parameters: [FlexTensor; P],
    argmax: Arc<Vec<u8>>,
}

#[derive(Debug)]
struct NormalizationBackward<B, const P: usize>(PhantomData<fn() -> B>);

impl<B: NormalizationBlock<P>, const P: usize> Backward<Flex, 3> for NormalizationBackward<B, P> {
    type State = Saved<B, P>;

    fn backward(self, ops: Ops<Saved<B, P>, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = channels_last(grads.consume::<Flex>(&ops.node));
        let Saved { block, input, parameters, argmax } = ops.state;
        let parameters = parameters.each_ref().map(numbers);
        let (input, gradient) = (numbers(&input), numbers(&gradient));
        let [of_input, of_scale, of_shift] =
            block.gradients_of_inputs(input, parameters, &argmax, gradient);
        let MapShape { batch, channels, size: [height, width] } = block.shape();
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

/// Computes the output, and what the gradients of input, scale and shift need.
pub(super) fn tracked<C: CheckpointStrategy, B: NormalizationBlock<P>, const P: usize>(
    input: FloatTensor<Autodiff<Flex, C>>,
    parameters: [FloatTensor<Autodiff<Flex, C>>; P],
    block: B,
) -> FloatTensor<Autodiff<Flex, C>> {
    let nodes = [input.node(), parameters[0].node(), parameters[1].node()];
    let input = channels_last(input.into_primitive());
    let parameters = parameters.map(|tensor| contiguous(tensor.into_primitive()));
    let backward = NormalizationBackward::<B, P>(PhantomData);
    match backward.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let (output, argmax) = forward(&block, &input, &parameters, true);
            let argmax = Arc::new(argmax);
            prep.finish(Saved { block, input, parameters, argmax }, output)
        }
        OpsKind::UnTracked(prep) => prep.finish(forward(&block, &input, &parameters, false).0),
    }
}
