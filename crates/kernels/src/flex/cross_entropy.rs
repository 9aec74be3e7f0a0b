//! Softmax cross-entropy and its gradient.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::nn::loss::CrossEntropyLoss;
use burn::tensor::{Int, Shape, Tensor};
use burn_flex::FlexTensor;

use super::tensor::{contiguous, from_numbers, numbers};
use crate::cross_entropy::Targets;

/// Cross-entropy as a backend's operation.
#[backend_extension(Flex, Autodiff)]
trait CrossEntropyOps: Backend {
    /// The mean loss, `[1]`, of `logits`, `[batch, classes]`.
    fn cross_entropy(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self>;
}

pub(crate) fn cross_entropy(
    loss: &CrossEntropyLoss,
    logits: Tensor<2>,
    targets: Tensor<1, Int>,
) -> Tensor<1> {
    let weights = loss.weights.clone().map(|weights| weights.into_data().iter().collect());
    let targets = Targets {
        classes: targets.into_data().iter::<i64>().map(|class| class as usize).collect(),
        smoothing: loss.smoothing.unwrap_or(0.0),
        weights: weights.unwrap_or_default(),
    };
    let logits = logits.into_dispatch();
    Tensor::from_dispatch(<Dispatch as CrossEntropyOps>::cross_entropy(logits, targets))
}

/// The loss and its gradient.
fn loss(logits: FlexTensor, targets: &Targets) -> (FlexTensor, FlexTensor) {
    let logits = contiguous(logits);
    let (loss, gradient) = targets.loss(numbers(&logits));
    let gradient = from_numbers(gradient, logits.layout().shape().clone());
    (from_numbers(vec![loss], Shape::from([1])), gradient)
}

impl CrossEntropyOps for Flex {
    fn cross_entropy(logits: FlexTensor, targets: Targets) -> FlexTensor {
        loss(logits, &targets).0
    }
}

#[derive(Debug)]
struct CrossEntropyBackward;

impl Backward<Flex, 1> for CrossEntropyBackward {
    /// The gradient of the loss.
    type State = FlexTensor;

    fn backward(self, ops: Ops<FlexTensor, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [factor] = *numbers(&contiguous(grads.consume::<Flex>(&ops.node))) else {
            unreachable!("the loss is one number");
        };
        if let [Some(node)] = ops.parents {
            let gradient = numbers(&ops.state).iter().map(|value| value * factor).collect();
            let shape = ops.state.layout().shape().clone();
            grads.register::<Flex>(node.id, from_numbers(gradient, shape));
        }
    }
}

impl<C: CheckpointStrategy> CrossEntropyOps for Autodiff<Flex, C> {
    fn cross_entropy(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self> {
        let nodes = [logits.node()];
        let (loss, gradient) = loss(logits.into_primitive(), &targets);
        match CrossEntropyBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(gradient, loss),
            OpsKind::UnTracked(prep) => prep.finish(loss),
        }
    }
}
