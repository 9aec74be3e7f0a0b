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
    /// Normalized labelled images, then further views of them, then negatives: `[labelled · (1 + views) +
    /// negatives, channels, height, width]`.
    pub images: Tensor<4>,
    /// Class indices of the labelled images: `[labelled]`.
    pub targets: Tensor<1, Int>,
    /// Class indices of the images that labelled ones are mixed with, and the shares of the labelled
    /// ones, `[labelled]` each; `None` if none are mixed.
    pub partners: Option<(Tensor<1, Int>, Tensor<1>)>,
    /// Number of further views of each labelled image.
    pub views: usize,
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

/// The first `count` rows, and the others, if there are any.
fn split(logits: Tensor<2>, count: usize) -> (Tensor<2>, Option<Tensor<2>>) {
    let others = logits.dims()[0] - count;
    if others == 0 {
        return (logits, None);
    }
    (logits.clone().narrow(0, 0, count), Some(logits.narrow(0, count, others)))
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
        ClassifierBatch { images, targets, partners, views }: ClassifierBatch,
    ) -> TrainOutput<StepOutput> {
        let [labelled] = targets.dims();
        let (of_labels, negatives) = split(self.network.forward(images), labelled * (1 + views));
        let (logits, views) = split(of_labels, labelled);
        let loss = match partners {
            Some((partners, shares)) => {
                self.loss.mixed(logits.clone(), targets.clone(), partners, shares)
            }
            None => self.loss.data(logits.clone(), targets.clone()),
        };
        let mut objective = loss.clone();
        if let Some(views) = views {
            objective = objective + Loss::consistency(logits.clone(), views);
        }
        if let Some(negatives) = negatives {
            objective = objective + Loss::negatives(negatives, labelled);
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

    fn step(&self, ClassifierBatch { images, targets, .. }: ClassifierBatch) -> StepOutput {
        let logits = self.network.forward(images);
        let loss = self.loss.data(logits.clone(), targets.clone());
        let weight = self.loss.weight(targets.clone());
        let predicted = predicted(logits);
        let range = [predicted.clone().min(), predicted.clone().max()];
        StepOutput { predicted: Some(range), ..output(predicted, loss, weight, targets) }
    }
}
