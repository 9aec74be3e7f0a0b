//! A network and its loss as Burn's Learner wants them.

use burn::module::Module;
use burn::tensor::{ExecutionError, Int, Tensor};
use burn::train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};
use model::Network;

use crate::loss::Loss;

/// What is trained. Burn's traits cannot be implemented here for a type of another crate, hence
/// the wrapper; only the network inside is ever stored as a model.
#[derive(Module, Debug)]
pub struct Trainee {
    pub network: Network,
    pub loss: Loss,
}

/// A batch on the device.
pub struct Batch {
    /// Normalized images, labelled ones first: `[labelled + negatives, channels, height, width]`.
    pub images: Tensor<4>,
    /// Class indices of the labelled images: `[labelled]`.
    pub targets: Tensor<1, Int>,
}

/// What a step leaves behind, still on the device.
pub struct StepOutput {
    /// Mean loss of the batch: `[1]`.
    pub loss: Tensor<1>,
    /// How much the batch counts in a mean over batches: `[1]`; `None` = as many as its images.
    pub weight: Option<Tensor<1>>,
    /// Images classified rightly: `[1]`.
    pub correct: Tensor<1, Int>,
    /// The least and the greatest class that an image was taken for, `[1]` each; of validation
    /// batches only.
    pub answers: Option<[Tensor<1, Int>; 2]>,
    /// Images in the batch.
    pub images: usize,
}

impl StepOutput {
    fn new(
        answers: Tensor<1, Int>,
        loss: Tensor<1>,
        weight: Option<Tensor<1>>,
        targets: Tensor<1, Int>,
    ) -> Self {
        let [images] = targets.dims();
        let correct = answers.equal(targets).int().sum();
        Self { loss, weight, correct, answers: None, images }
    }
}

/// The logits of the labelled images, and those of the negatives, if there are any.
fn split(logits: Tensor<2>, images: usize) -> (Tensor<2>, Option<Tensor<2>>) {
    let negatives = logits.dims()[0] - images;
    if negatives == 0 {
        return (logits, None);
    }
    (logits.clone().narrow(0, 0, images), Some(logits.narrow(0, images, negatives)))
}

/// The class of the greatest logit of each image: `[batch]`.
fn answers(logits: Tensor<2>) -> Tensor<1, Int> {
    logits.argmax(1).squeeze_dim(1)
}

impl TrainStep for Trainee {
    type Input = Batch;
    type Output = StepOutput;

    fn step(&self, Batch { images, targets }: Batch) -> TrainOutput<StepOutput> {
        let (logits, of_negatives) = split(self.network.forward(images), targets.dims()[0]);
        let loss = self.loss.data(logits.clone(), targets.clone());
        let mut objective = loss.clone();
        if let Some(of_negatives) = of_negatives {
            objective = objective + Loss::no_class(of_negatives, targets.dims()[0]);
        }
        if let Some(penalty) = self.loss.penalty(&self.network) {
            objective = objective + penalty;
        }
        let gradients = objective.backward();
        let weight = self.loss.weight(targets.clone()).map(Tensor::inner);
        let output =
            StepOutput::new(answers(logits.inner()), loss.inner(), weight, targets.inner());
        TrainOutput::new(self, gradients, output)
    }
}

impl InferenceStep for Trainee {
    type Input = Batch;
    type Output = StepOutput;

    fn step(&self, Batch { images, targets }: Batch) -> StepOutput {
        let logits = self.network.forward(images);
        let loss = self.loss.data(logits.clone(), targets.clone());
        let weight = self.loss.weight(targets.clone());
        let answers = answers(logits);
        let range = [answers.clone().min(), answers.clone().max()];
        StepOutput { answers: Some(range), ..StepOutput::new(answers, loss, weight, targets) }
    }
}

impl ItemLazy for StepOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}
