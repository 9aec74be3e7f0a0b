//! Addition with a ReLU, and the fork before it, with their gradients.
//!
//! The input of a residual block receives gradients from two branches. Burn would add them on one
//! thread and with the channels second in memory, which every other operation would then convert.
//! Here, the gradient that arrives first waits in a [`PendingGradient`] for the other.

use std::sync::{Arc, Mutex, PoisonError};

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

/// Holds the first of a fork's two gradients until the second arrives.
#[derive(Clone, Debug, Default)]
pub(crate) struct PendingGradient(Arc<Mutex<Option<FlexTensor>>>);

impl PendingGradient {
    /// Both gradients, once the second has arrived.
    fn exchange(&self, gradient: FlexTensor) -> Option<[FlexTensor; 2]> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = waiting.take() {
            return Some([first, gradient]);
        }
        *waiting = Some(gradient);
        None
    }
}

/// Addition and fork as a backend's operations.
#[backend_extension(Flex, Autodiff)]
trait AdditionOps: Backend {
    /// Adds `left` and `right`, and applies a ReLU if `relu` is set.
    fn add(left: FloatTensor<Self>, right: FloatTensor<Self>, relu: bool) -> FloatTensor<Self>;

    /// One branch of a fork. Both share `pending`.
    fn branch(input: FloatTensor<Self>, pending: PendingGradient) -> FloatTensor<Self>;
}

pub(crate) fn add(left: Tensor<4>, right: Tensor<4>, relu: bool) -> Tensor<4> {
    let (left, right) = (left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(<Dispatch as AdditionOps>::add(left, right, relu))
}

pub(crate) fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    let pending = PendingGradient::default();
    [input.clone(), input].map(|input| {
        Tensor::from_dispatch(<Dispatch as AdditionOps>::branch(
            input.into_dispatch(),
            pending.clone(),
        ))
    })
}

/// The sum of two maps, with the channels last.
fn sum(left: FlexTensor, right: FlexTensor, relu: bool) -> FlexTensor {
    let shape = left.layout().shape().dims();
    let (left, right) = (channels_last(left), channels_last(right));
    from_channels_last(elementwise::add(numbers(&left), numbers(&right), relu), shape)
}

/// The gradient of the sum; `output` is that of the ReLU behind it, if there is one.
fn relu_backward(gradient: FlexTensor, output: Option<&FlexTensor>) -> FlexTensor {
    let gradient = channels_last(gradient);
    let Some(output) = output else { return gradient };
    let masked = elementwise::relu_gradients(numbers(&gradient), numbers(output));
    from_channels_last(masked, gradient.layout().shape().dims())
}

impl AdditionOps for Flex {
    fn add(left: FlexTensor, right: FlexTensor, relu: bool) -> FlexTensor {
        sum(left, right, relu)
    }

    fn branch(input: FlexTensor, _: PendingGradient) -> FlexTensor {
        input
    }
}

#[derive(Debug)]
struct AdditionBackward;

impl Backward<Flex, 2> for AdditionBackward {
    /// The output, if a ReLU follows.
    type State = Option<FlexTensor>;

    fn backward(
        self,
        ops: Ops<Option<FlexTensor>, 2>,
        grads: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        let gradient = relu_backward(grads.consume::<Flex>(&ops.node), ops.state.as_ref());
        for node in ops.parents.into_iter().flatten() {
            grads.register::<Flex>(node.id, gradient.clone());
        }
    }
}

#[derive(Debug)]
struct BranchBackward;

impl Backward<Flex, 1> for BranchBackward {
    type State = PendingGradient;

    fn backward(self, ops: Ops<PendingGradient, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents
            && let Some([first, second]) = ops.state.exchange(gradient)
        {
            grads.register::<Flex>(node.id, sum(first, second, false));
        }
    }
}

impl<C: CheckpointStrategy> AdditionOps for Autodiff<Flex, C> {
    fn add(left: FloatTensor<Self>, right: FloatTensor<Self>, relu: bool) -> FloatTensor<Self> {
        let nodes = [left.node(), right.node()];
        let output = sum(left.into_primitive(), right.into_primitive(), relu);
        match AdditionBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(relu.then(|| output.clone()), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn branch(input: FloatTensor<Self>, pending: PendingGradient) -> FloatTensor<Self> {
        let nodes = [input.node()];
        match BranchBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(pending, input.into_primitive()),
            OpsKind::UnTracked(prep) => prep.finish(input.into_primitive()),
        }
    }
}
