//! The convolution and its gradients.

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
use crate::conv::{ConvShape, ForwardState, FusedConvolution, WeightOrder, Window};
use crate::epilogue::Epilogue;
use crate::simd::Instructions;

/// Convolution as a backend's operation.
#[backend_extension(Flex, Autodiff)]
trait ConvolutionOps: Backend {
    /// Convolves `input` with `weight` and adds `bias`.
    fn convolve(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        block: FusedConvolution,
    ) -> FloatTensor<Self>;
}

pub(crate) fn convolution(
    set: Instructions,
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    window: Window,
    epilogue: Epilogue,
) -> Tensor<4> {
    let shape = ConvShape::new(input.dims(), weight.dims(), window);
    let order = WeightOrder::convolution(&shape);
    let bias = bias.unwrap_or_else(|| Tensor::zeros([shape.features], &input.device()));
    Tensor::from_dispatch(<Dispatch as ConvolutionOps>::convolve(
        input.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        FusedConvolution { set, shape, order, epilogue },
    ))
}

pub(crate) fn linear(
    set: Instructions,
    input: Tensor<4>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    relu: bool,
) -> Tensor<2> {
    let [batch, channels, height, width] = input.dims();
    let [_, features] = weight.dims();
    let shape = ConvShape::linear(batch, channels, [height, width], features);
    let order = WeightOrder::linear(&shape);
    let bias = bias.unwrap_or_else(|| Tensor::zeros([features], &input.device()));
    let output = Tensor::<4>::from_dispatch(<Dispatch as ConvolutionOps>::convolve(
        input.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        FusedConvolution { set, shape, order, epilogue: Epilogue { relu, pool: false } },
    ));
    output.reshape([batch, features])
}

impl ConvolutionOps for Flex {
    fn convolve(
        input: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        block: FusedConvolution,
    ) -> FlexTensor {
        forward(&block, &channels_last(input), &contiguous(weight), &contiguous(bias), false).0
    }
}

/// The tensors that the gradients need.
#[derive(Clone, Debug)]
struct Saved {
    block: FusedConvolution,
    input: FlexTensor,
    weight: FlexTensor,
    output: FlexTensor,
    argmax: Arc<Vec<u8>>,
}

/// The output and, if `keep_argmax` is set, the argmax of its pooling windows.
fn forward(
    block: &FusedConvolution,
    input: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    keep_argmax: bool,
) -> (FlexTensor, Vec<u8>) {
    let (input, weight, bias) = (numbers(input), numbers(weight), numbers(bias));
    let (output, argmax) = block.forward(input, weight, bias, keep_argmax);
    (from_channels_last(output, block.output()), argmax)
}

#[derive(Debug)]
struct ConvolutionBackward;

impl Backward<Flex, 3> for ConvolutionBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = channels_last(grads.consume::<Flex>(&ops.node));
        let Saved { block, input, weight, output, argmax } = ops.state;
        let [node_of_input, node_of_weight, node_of_bias] = ops.parents;
        let saved = ForwardState {
            input: numbers(&input),
            weights: numbers(&weight),
            output: numbers(&output),
            argmax: &argmax,
        };
        let gradient = block.epilogue_backward(numbers(&gradient), &saved);
        if let Some(node) = node_of_input {
            let ConvShape { batch, channels, size: [height, width], .. } = block.shape;
            let of_input = block.input_gradient(&saved, &gradient);
            let of_input = from_channels_last(of_input, [batch, channels, height, width]);
            grads.register::<Flex>(node.id, of_input);
        }
        if node_of_weight.is_some() || node_of_bias.is_some() {
            let (of_weight, of_bias) = block.weight_gradient(&saved, &gradient);
            let shapes = [weight.layout().shape().clone(), Shape::from([block.shape.features])];
            let nodes = [(node_of_weight, of_weight), (node_of_bias, of_bias)];
            for ((node, numbers), shape) in nodes.into_iter().zip(shapes) {
                if let Some(node) = node {
                    grads.register::<Flex>(node.id, from_numbers(numbers, shape));
                }
            }
        }
    }
}

impl<C: CheckpointStrategy> ConvolutionOps for Autodiff<Flex, C> {
    fn convolve(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        block: FusedConvolution,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        let input = channels_last(input.into_primitive());
        let weight = contiguous(weight.into_primitive());
        let bias = contiguous(bias.into_primitive());
        match ConvolutionBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, argmax) = forward(&block, &input, &weight, &bias, true);
                let argmax = Arc::new(argmax);
                let saved = Saved { block, input, weight, output: output.clone(), argmax };
                prep.finish(saved, output)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(forward(&block, &input, &weight, &bias, false).0)
            }
        }
    }
}
