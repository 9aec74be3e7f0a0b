//! Addition with a ReLU, and its gradient.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;
use burn_flex::FlexTensor;

use super::tensor::{channels_last, from_channels_last, numbers};
use crate::elementwise;

/// Addition as an operation of a backend.
#[backend_extension(Flex, Autodiff)]
trait AdditionOps: Backend {
    /// `left + right`, and the ReLU of it if asked for.
    fn add(left: FloatTensor<Self>, right: FloatTensor<Self>, relu: bool) -> FloatTensor<Self>;
}

pub(crate) fn add(left: Tensor<4>, right: Tensor<4>, relu: bool) -> Tensor<4> {
    let (left, right) = (left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(<Dispatch as AdditionOps>::add(left, right, relu))
}

impl AdditionOps for Flex {
    fn add(left: FlexTensor, right: FlexTensor, relu: bool) -> FlexTensor {
        let [batch, channels, height, width] = left.layout().shape().dims();
        let (left, right) = (channels_last(left), channels_last(right));
        let sum = elementwise::add(numbers(&left), numbers(&right), relu);
        from_channels_last(sum, [batch, channels, height, width])
    }
}

#[derive(Debug)]
struct AdditionBackward;

impl Backward<Flex, 2> for AdditionBackward {
    /// The output, where a ReLU has made it.
    type State = Option<FlexTensor>;

    fn backward(
        self,
        ops: Ops<Option<FlexTensor>, 2>,
        grads: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        let gradient = channels_last(grads.consume::<Flex>(&ops.node));
        let gradient = match ops.state {
            Some(output) => {
                let masked = elementwise::masked(numbers(&gradient), numbers(&output));
                from_channels_last(masked, gradient.layout().shape().dims())
            }
            None => gradient,
        };
        for node in ops.parents.into_iter().flatten() {
            grads.register::<Flex>(node.id, gradient.clone());
        }
    }
}

impl<C: CheckpointStrategy> AdditionOps for Autodiff<Flex, C> {
    fn add(left: FloatTensor<Self>, right: FloatTensor<Self>, relu: bool) -> FloatTensor<Self> {
        let nodes = [left.node(), right.node()];
        let output = Flex::add(left.into_primitive(), right.into_primitive(), relu);
        match AdditionBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(relu.then(|| output.clone()), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}
