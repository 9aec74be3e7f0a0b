//! Cross-entropy, its smoothing and weights, and the penalty on weights.

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor};

use crate::config::{Balanced, ClassWeights, Invalid, LossConfig};
use crate::task::penalty::l1_penalty;

/// Weight of a negative against a labelled image (outlier exposure; Hendrycks, Mazeika and
/// Dietterich, "Deep anomaly detection with outlier exposure", 2019: 0.5 for images).
const NEGATIVE_WEIGHT: f64 = 0.5;

/// The weight of every class, given the number of its training images; `None` = all count 1.
///
/// # Errors
/// When the config lists more or fewer weights than there are classes.
pub fn class_weights(
    config: &LossConfig,
    images_per_class: &[usize],
) -> Result<Option<Vec<f32>>, Invalid> {
    let classes = images_per_class.len();
    match &config.class_weights {
        None => Ok(None),
        Some(ClassWeights::Named(Balanced::Balanced)) => Ok(Some(balanced(images_per_class))),
        Some(ClassWeights::List(weights)) if weights.len() == classes => Ok(Some(weights.clone())),
        Some(ClassWeights::List(weights)) => {
            let problem = format!("has {} weights for {classes} classes", weights.len());
            Err(Invalid::new("loss.class_weights", problem))
        }
    }
}

/// n / (classes · n of the class), scikit-learn's "balanced"; a class without images counts 1.
fn balanced(images_per_class: &[usize]) -> Vec<f32> {
    let all: usize = images_per_class.iter().sum();
    let share = all as f32 / images_per_class.len() as f32;
    images_per_class
        .iter()
        .map(|&count| if count == 0 { 1.0 } else { share / count as f32 })
        .collect()
}

/// The loss on a device.
#[derive(Module, Debug)]
pub struct Loss {
    cross_entropy: CrossEntropyLoss,
    l1: f64,
}

impl Loss {
    /// The loss with these weights of the classes, see [`class_weights`].
    pub fn new(config: &LossConfig, weights: Option<Vec<f32>>, device: &Device) -> Self {
        let smoothing = (config.label_smoothing > 0.0).then_some(config.label_smoothing as f32);
        let cross_entropy = CrossEntropyLossConfig::new()
            .with_smoothing(smoothing)
            .with_weights(weights)
            .init(device);
        Self { cross_entropy, l1: config.l1 }
    }

    /// Mean cross-entropy of a batch, in nats, smoothed and weighted as configured; what
    /// validation measures.
    ///
    /// # Shapes
    /// `logits`: `[batch, classes]`, `targets`: `[batch]`; result: `[1]`.
    pub fn data(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        kernels::cross_entropy(&self.cross_entropy, logits, targets)
    }

    /// The loss of negatives beside a batch of `images` labelled ones: cross-entropy to all classes being
    /// equally probable, in nats, each negative weighing [`NEGATIVE_WEIGHT`] images.
    ///
    /// # Shapes
    /// `logits`: `[negatives, classes]`; result: `[1]`.
    pub fn negatives(logits: Tensor<2>, images: usize) -> Tensor<1> {
        let [negatives, _] = logits.dims();
        log_softmax(logits, 1).mean() * (-NEGATIVE_WEIGHT * negatives as f64 / images as f64)
    }

    /// How much a batch counts in a mean over batches: the sum of its images' class weights, `[1]`;
    /// `None` where all images count 1.
    pub fn weight(&self, targets: Tensor<1, Int>) -> Option<Tensor<1>> {
        let weights = self.cross_entropy.weights.clone()?;
        Some(weights.gather(0, targets).sum())
    }

    /// What the weights of `network` add; `None` where nothing is configured.
    pub fn penalty<M: Module>(&self, network: &M) -> Option<Tensor<1>> {
        l1_penalty(self.l1, network)
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;

    use super::*;

    fn loss(text: &str) -> Loss {
        let config: LossConfig = toml::from_str(text).unwrap();
        config.check().unwrap();
        let weights = class_weights(&config, &[30, 10]).unwrap();
        Loss::new(&config, weights, &Device::flex())
    }

    fn value(loss: &Loss, targets: [i32; 2]) -> f32 {
        let device = Device::flex();
        let logits = Tensor::from_floats([[2.0, 0.0], [2.0, 0.0]], &device);
        loss.data(logits, Tensor::from_ints(targets, &device)).into_scalar()
    }

    #[test]
    fn plain_cross_entropy_matches_its_formula() {
        let right = (1.0 + (-2.0_f32).exp()).ln();
        let wrong = (1.0 + 2.0_f32.exp()).ln();
        assert!((value(&loss(""), [0, 1]) - f32::midpoint(right, wrong)).abs() < 1e-6);
    }

    #[test]
    fn label_smoothing_spreads_its_share_over_all_classes() {
        let right = (1.0 + (-2.0_f32).exp()).ln();
        let wrong = (1.0 + 2.0_f32.exp()).ln();
        let smoothed = 0.9 * right + 0.1 * wrong;
        assert!((value(&loss("label_smoothing = 0.2"), [0, 0]) - smoothed).abs() < 1e-6);
    }

    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        let expected = [40.0 / (2.0 * 30.0), 40.0 / (2.0 * 10.0)];
        assert_eq!(balanced(&[30, 10]), expected);
        let right = (1.0 + (-2.0_f32).exp()).ln();
        let wrong = (1.0 + 2.0_f32.exp()).ln();
        let mean = (expected[0] * right + expected[1] * wrong) / (expected[0] + expected[1]);
        let weighted = value(&loss("class_weights = 'balanced'"), [0, 1]);
        assert!((weighted - mean).abs() < 1e-6);
    }

    #[test]
    fn l1_penalizes_matrices_but_not_biases() {
        let network = LinearConfig::new(2, 2)
            .with_initializer(burn::nn::Initializer::Constant { value: -0.5 })
            .init(&Device::flex());
        assert!(loss("").penalty(&network).is_none());
        let penalty: f32 = loss("l1 = 0.1").penalty(&network).unwrap().into_scalar();
        assert!((penalty - 0.1 * 4.0 * 0.5).abs() < 1e-6);
    }

    #[test]
    fn negatives_cost_least_where_all_classes_are_equally_probable() {
        let device = Device::flex();
        let cost = |logits: [[f32; 2]; 2]| -> f32 {
            Loss::negatives(Tensor::from_floats(logits, &device), 8).into_scalar()
        };
        // Two negatives beside eight images, each weighing a half.
        let share = NEGATIVE_WEIGHT as f32 * 2.0 / 8.0;
        assert!((cost([[3.0, 3.0], [0.0, 0.0]]) - share * 2.0_f32.ln()).abs() < 1e-6);
        let uncertain = (1.0 + 2.0_f32.exp()).ln() - 1.0;
        assert!((cost([[2.0, 0.0], [0.0, 2.0]]) - share * uncertain).abs() < 1e-6);
    }

    #[test]
    fn a_wrong_number_of_class_weights_is_refused() {
        let config: LossConfig = toml::from_str("class_weights = [1.0]").unwrap();
        assert_eq!(class_weights(&config, &[1, 1]).unwrap_err().key, "loss.class_weights");
    }
}
