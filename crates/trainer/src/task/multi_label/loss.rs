//! Binary cross-entropy, its smoothing and weights, and the penalty on weights.

use burn::module::Module;
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Device, Tensor};

use crate::config::{Balanced, ClassWeights, Invalid, LossConfig};
use crate::task::penalty::l1_penalty;

/// The weight of each class's positives, given the number of its images among `images`; `None` = all
/// count 1.
///
/// # Errors
/// When the config lists more or fewer weights than there are classes.
pub fn positive_weights(
    config: &LossConfig,
    images_per_class: &[usize],
    images: usize,
) -> Result<Option<Vec<f32>>, Invalid> {
    let classes = images_per_class.len();
    match &config.class_weights {
        None => Ok(None),
        Some(ClassWeights::Named(Balanced::Balanced)) => {
            Ok(Some(images_per_class.iter().map(|&count| balanced(count, images)).collect()))
        }
        Some(ClassWeights::List(weights)) if weights.len() == classes => Ok(Some(weights.clone())),
        Some(ClassWeights::List(weights)) => {
            let problem = format!("has {} weights for {classes} classes", weights.len());
            Err(Invalid::new("loss.class_weights", problem))
        }
    }
}

/// Negatives over positives, as `PyTorch`'s documentation of `BCEWithLogitsLoss` proposes for
/// `pos_weight`; 1 for a class that no image or every image has.
fn balanced(positives: usize, images: usize) -> f32 {
    let negatives = images.saturating_sub(positives);
    if positives == 0 || negatives == 0 { 1.0 } else { negatives as f32 / positives as f32 }
}

/// The loss on a device.
#[derive(Module, Debug)]
pub struct BinaryCrossEntropy {
    /// The weight of each class's positives: `[1, classes]`.
    positive_weights: Option<Tensor<2>>,
    smoothing: f64,
    l1: f64,
}

impl BinaryCrossEntropy {
    /// The loss with these weights of the positives, see [`positive_weights`].
    pub fn new(config: &LossConfig, weights: Option<&[f32]>, device: &Device) -> Self {
        let row = |weights| Tensor::<1>::from_floats(weights, device).unsqueeze();
        Self {
            positive_weights: weights.map(row),
            smoothing: config.label_smoothing,
            l1: config.l1,
        }
    }

    /// Mean over images and classes of −w·t·ln σ(x) − (1 − t)·ln σ(−x), in nats, as `PyTorch`'s
    /// `BCEWithLogitsLoss`; smoothing s moves targets to t·(1 − s) + s / 2, as in Keras.
    ///
    /// # Shapes
    /// `logits` and `targets`, each target 0 or 1: `[batch, classes]`; result: `[1]`.
    pub fn data(&self, logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let targets = if self.smoothing == 0.0 {
            targets
        } else {
            targets * (1.0 - self.smoothing) + self.smoothing / 2.0
        };
        let negative = (targets.clone().neg() + 1.0) * log_sigmoid(logits.clone().neg());
        let mut positive = targets * log_sigmoid(logits);
        if let Some(weights) = &self.positive_weights {
            positive = positive * weights.clone();
        }
        (positive + negative).mean().neg()
    }

    /// What the weights of `network` add; `None` where nothing is configured.
    pub fn penalty<M: Module>(&self, network: &M) -> Option<Tensor<1>> {
        l1_penalty(self.l1, network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(config: &LossConfig, weights: Option<&[f32]>) -> f64 {
        let device = Device::flex();
        let logits = Tensor::from_floats([[0.0, 2.0], [-1.0, 50.0]], &device);
        let targets = Tensor::from_floats([[1.0, 0.0], [0.0, 1.0]], &device);
        let loss = BinaryCrossEntropy::new(config, weights, &device).data(logits, targets);
        f64::from(loss.try_into_scalar::<f32>().unwrap())
    }

    fn softplus(x: f64) -> f64 {
        x.exp().ln_1p()
    }

    #[test]
    fn the_loss_is_the_mean_over_images_and_classes() {
        let expected = (softplus(0.0) + softplus(2.0) + softplus(-1.0)) / 4.0;
        assert!((loss(&LossConfig::default(), None) - expected).abs() < 1e-6);
        let weighted = (3.0 * softplus(0.0) + softplus(2.0) + softplus(-1.0)) / 4.0;
        let found = loss(&LossConfig::default(), Some(&[3.0, 0.5]));
        assert!((found - weighted).abs() < 1e-6);
    }

    #[test]
    fn smoothing_moves_targets_towards_one_half() {
        let config = LossConfig { label_smoothing: 0.2, ..LossConfig::default() };
        let pair = |x: f64, target: f64| target * softplus(-x) + (1.0 - target) * softplus(x);
        let expected = (pair(0.0, 0.9) + pair(2.0, 0.1) + pair(-1.0, 0.1) + pair(50.0, 0.9)) / 4.0;
        assert!((loss(&config, None) - expected).abs() < 1e-5);
    }

    #[test]
    fn balanced_positives_weigh_as_much_as_negatives() {
        let class_weights = Some(ClassWeights::Named(Balanced::Balanced));
        let config = LossConfig { class_weights, ..LossConfig::default() };
        let weights = positive_weights(&config, &[20, 80, 0, 100], 100).unwrap().unwrap();
        assert_eq!(weights, [4.0, 0.25, 1.0, 1.0]);
        let class_weights = Some(ClassWeights::List(vec![1.0]));
        let config = LossConfig { class_weights, ..LossConfig::default() };
        let message = positive_weights(&config, &[1, 1], 2).unwrap_err().to_string();
        assert_eq!(message, "loss.class_weights: has 1 weights for 2 classes");
    }
}
