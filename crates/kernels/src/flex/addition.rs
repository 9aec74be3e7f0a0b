//! Addition with a ReLU, and its gradient.
//!
//! The input of a residual block gets gradients from two sides. Burn would add them up on one
//! thread and in an order of memory that all others then convert: here, the gradient of the short
//! way waits in a [`Mailbox`] until that of the long way arrives.

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

/// A gradient on its way from the end of a residual block to its beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox(Arc<Mutex<Option<FlexTensor>>>);

impl Mailbox {
    fn put(&self, gradient: FlexTensor) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(gradient);
    }

    fn take(&self) -> Option<FlexTensor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Addition as operations of a backend.
#[backend_extension(Flex, Autodiff)]
trait AdditionOps: Backend {
    /// `left + right`, and the ReLU of it if asked for.
    fn add(left: FloatTensor<Self>, right: FloatTensor<Self>, relu: bool) -> FloatTensor<Self>;

    /// The same, the gradient of `right` going to the mailbox.
    fn end_block(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        relu: bool,
        mailbox: Mailbox,
    ) -> FloatTensor<Self>;

    /// `input`, whose gradient is that which arrives plus that in the mailbox.
    fn begin_block(input: FloatTensor<Self>, mailbox: Mailbox) -> FloatTensor<Self>;
}

pub(crate) fn add(left: Tensor<4>, right: Tensor<4>, relu: bool) -> Tensor<4> {
    let (left, right) = (left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(<Dispatch as AdditionOps>::add(left, right, relu))
}

pub(crate) fn add_to_input(
    input: Tensor<4>,
    layers: impl FnOnce(Tensor<4>) -> Tensor<4>,
    relu: bool,
) -> Tensor<4> {
    let mailbox = Mailbox::default();
    let begun =
        <Dispatch as AdditionOps>::begin_block(input.clone().into_dispatch(), mailbox.clone());
    let left = layers(Tensor::from_dispatch(begun)).into_dispatch();
    let right = input.into_dispatch();
    Tensor::from_dispatch(<Dispatch as AdditionOps>::end_block(left, right, relu, mailbox))
}

/// The sum of two maps, with the channels last.
fn sum(left: FlexTensor, right: FlexTensor, relu: bool) -> FlexTensor {
    let shape = left.layout().shape().dims();
    let (left, right) = (channels_last(left), channels_last(right));
    from_channels_last(elementwise::add(numbers(&left), numbers(&right), relu), shape)
}

/// The gradient of the sum, given the `output` that a ReLU has made of it.
fn before_relu(gradient: FlexTensor, output: Option<&FlexTensor>) -> FlexTensor {
    let gradient = channels_last(gradient);
    let Some(output) = output else { return gradient };
    let masked = elementwise::masked(numbers(&gradient), numbers(output));
    from_channels_last(masked, gradient.layout().shape().dims())
}

impl AdditionOps for Flex {
    fn add(left: FlexTensor, right: FlexTensor, relu: bool) -> FlexTensor {
        sum(left, right, relu)
    }

    fn end_block(left: FlexTensor, right: FlexTensor, relu: bool, _: Mailbox) -> FlexTensor {
        sum(left, right, relu)
    }

    fn begin_block(input: FlexTensor, _: Mailbox) -> FlexTensor {
        input
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
        let gradient = before_relu(grads.consume::<Flex>(&ops.node), ops.state.as_ref());
        for node in ops.parents.into_iter().flatten() {
            grads.register::<Flex>(node.id, gradient.clone());
        }
    }
}

#[derive(Debug)]
struct EndBackward;

impl Backward<Flex, 1> for EndBackward {
    type State = (Option<FlexTensor>, Mailbox);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (output, mailbox) = ops.state;
        let gradient = before_relu(grads.consume::<Flex>(&ops.node), output.as_ref());
        if let [Some(node)] = ops.parents {
            mailbox.put(gradient.clone());
            grads.register::<Flex>(node.id, gradient);
        }
    }
}

#[derive(Debug)]
struct BeginBackward;

impl Backward<Flex, 1> for BeginBackward {
    type State = Mailbox;

    fn backward(self, ops: Ops<Mailbox, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            let gradient = match ops.state.take() {
                Some(waiting) => sum(gradient, waiting, false),
                None => gradient,
            };
            grads.register::<Flex>(node.id, gradient);
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

    fn end_block(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        relu: bool,
        mailbox: Mailbox,
    ) -> FloatTensor<Self> {
        if !left.is_tracked() {
            // The long way has no parameters: the short one must carry the gradient by itself.
            return Self::add(left, right, relu);
        }
        let nodes = [left.node()];
        let output = sum(left.into_primitive(), right.into_primitive(), relu);
        match EndBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((relu.then(|| output.clone()), mailbox), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn begin_block(input: FloatTensor<Self>, mailbox: Mailbox) -> FloatTensor<Self> {
        let nodes = [input.node()];
        match BeginBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(mailbox, input.into_primitive()),
            OpsKind::UnTracked(prep) => prep.finish(input.into_primitive()),
        }
    }
}
