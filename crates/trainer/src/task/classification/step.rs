//! A training and a validation step of a classifier, as Burn's Learner calls them.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use burn::train::{InferenceStep, TrainOutput, TrainStep};
use model::Network;

use super::loss::Loss;
use crate::task::StepOutput;

/// A network and its loss. Burn's traits cannot be implemented here for a type of another crate,
/// hence the wrapper; only the network is ever stored as a model.
#[derive(Module, Debug)]
pub struct ClassifierStep {
    pub network: Network,
    pub loss: Loss,
}

/// A batch on the device.
pub struct ClassifierBatch {
    /// Normalized labelled images, then negatives: `[labelled + negatives, channels, height,
    /// width]`.
    pub images: Tensor<4>,
    /// Class indices of the labelled images: `[labelled]`.
    pub targets: Tensor<1, Int>,
}

/// The results of a batch with these predicted classes.
fn output(
    predicted: Tensor<1, Int>,
    loss: Tensor<1>,
    weight: Option<Tensor<1>>,
    targets: Tensor<1, Int>,
) -> StepOutput {
    let [images] = targets.dims();
    let correct = predicted.equal(targets).int().sum();
    StepOutput { loss, weight, correct, predicted: None, images }
}

/// The logits of the first `labelled` rows, and those of the negatives, if there are any.
fn split(logits: Tensor<2>, labelled: usize) -> (Tensor<2>, Option<Tensor<2>>) {
    let negatives = logits.dims()[0] - labelled;
    if negatives == 0 {
        return (logits, None);
    }
    (logits.clone().narrow(0, 0, labelled), Some(logits.narrow(0, labelled, negatives)))
}

/// The class with the largest logit of each image: `[batch]`.
fn predicted(logits: Tensor<2>) -> Tensor<1, Int> {
    logits.argmax(1).squeeze_dim(1)
}

impl TrainStep for ClassifierStep {
    type Input = ClassifierBatch;
    type Output = StepOutput;

    fn step(
        &self,
        ClassifierBatch { images, targets }: ClassifierBatch,
    ) -> TrainOutput<StepOutput> {
        let (logits, negatives) = split(self.network.forward(images), targets.dims()[0]);
        let loss = self.loss.data(logits.clone(), targets.clone());
        let mut objective = loss.clone();
        if let Some(negatives) = negatives {
            objective = objective + Loss::negatives(negatives, targets.dims()[0]);
        }
        if let Some(penalty) = self.loss.penalty(&self.network) {
            objective = objective + penalty;
        }
        let gradients = objective.backward();
        let weight = self.loss.weight(targets.clone()).map(Tensor::inner);
        let output = output(predicted(logits.inner()), loss.inner(), weight, targets.inner());
        TrainOutput::new(self, gradients, output)
    }
}

impl InferenceStep for ClassifierStep {
    type Input = ClassifierBatch;
    type Output = StepOutput;

    fn step(&self, ClassifierBatch { images, targets }: ClassifierBatch) -> StepOutput {
        let logits = self.network.forward(images);
        let loss = self.loss.data(logits.clone(), targets.clone());
        let weight = self.loss.weight(targets.clone());
        let predicted = predicted(logits);
        let range = [predicted.clone().min(), predicted.clone().max()];
        StepOutput { predicted: Some(range), ..output(predicted, loss, weight, targets) }
    }
}
