//! A training and a validation step of a multi-label model, as Burn's Learner calls them.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::train::{InferenceStep, TrainOutput, TrainStep};
use model::Network;

use super::loss::BinaryCrossEntropy;
use crate::task::StepOutput;

/// A network and its loss; only the network is ever stored as a model.
#[derive(Module, Debug)]
pub struct LabelStep {
    pub network: Network,
    pub loss: BinaryCrossEntropy,
}

/// A batch on the device.
pub struct LabelBatch {
    /// Normalized images: `[batch, channels, height, width]`.
    pub images: Tensor<4>,
    /// 1 for each class that an image has, else 0: `[batch, classes]`.
    pub targets: Tensor<2>,
}

/// The results of a batch. An image is correct if exactly its classes have a probability of at least
/// one half: the thresholds are chosen when the training is over.
fn output(logits: Tensor<2>, loss: Tensor<1>, targets: Tensor<2>) -> StepOutput {
    let [images, _] = targets.dims();
    let wrong = logits.greater_equal_elem(0.0).float().sub(targets).abs().max_dim(1);
    let correct = wrong.lower_elem(0.5).int().sum();
    StepOutput { loss, weight: None, correct, predicted: None, images }
}

impl TrainStep for LabelStep {
    type Input = LabelBatch;
    type Output = StepOutput;

    fn step(&self, LabelBatch { images, targets }: LabelBatch) -> TrainOutput<StepOutput> {
        let logits = self.network.forward(images);
        let loss = self.loss.data(logits.clone(), targets.clone());
        let mut objective = loss.clone();
        if let Some(penalty) = self.loss.penalty(&self.network) {
            objective = objective + penalty;
        }
        let gradients = objective.backward();
        let output = output(logits.inner(), loss.inner(), targets.inner());
        TrainOutput::new(self, gradients, output)
    }
}

impl InferenceStep for LabelStep {
    type Input = LabelBatch;
    type Output = StepOutput;

    fn step(&self, LabelBatch { images, targets }: LabelBatch) -> StepOutput {
        let logits = self.network.forward(images);
        let loss = self.loss.data(logits.clone(), targets.clone());
        output(logits, loss, targets)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn an_image_is_correct_if_all_its_classes_are() {
        let device = Device::flex();
        let logits = Tensor::from_floats([[1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]], &device);
        let targets = Tensor::from_floats([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]], &device);
        let output = output(logits, Tensor::zeros([1], &device), targets);
        assert_eq!((output.correct.try_into_scalar::<i64>().unwrap(), output.images), (2, 3));
    }
}
