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
/// Weight of the disagreement between views: the paper's, section 3.
const CONSISTENCY_WEIGHT: f64 = 12.0;
/// Mean probabilities are clipped from below, as in the paper's program, so that their logarithm is
/// finite.
const SMALLEST_PROBABILITY: f32 = 1e-7;

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

    /// As [`data`](Self::data) for images that are mixtures: the cross-entropies to both classes,
    /// weighted by their shares in the image.
    ///
    /// # Shapes
    /// `logits`: `[batch, classes]`; `targets`, `partners` and `shares` (of the targets): `[batch]`;
    /// result: `[1]`.
    pub fn mixed(
        &self,
        logits: Tensor<2>,
        targets: Tensor<1, Int>,
        partners: Tensor<1, Int>,
        shares: Tensor<1>,
    ) -> Tensor<1> {
        let logarithms = log_softmax(logits, 1); // [batch, classes]
        let smoothing = f64::from(self.cross_entropy.smoothing.unwrap_or(0.0));
        let spread = logarithms.clone().mean_dim(1).squeeze_dim::<1>(1) * smoothing;
        let weighted = |classes: Tensor<1, Int>, shares: Tensor<1>| {
            let of_class = logarithms.clone().gather(1, classes.clone().unsqueeze_dim(1));
            let losses = of_class.squeeze_dim::<1>(1) * (1.0 - smoothing) + spread.clone();
            let weights = match &self.cross_entropy.weights {
                Some(weights) => weights.clone().gather(0, classes) * shares,
                None => shares,
            };
            ((losses * weights.clone()).sum().neg(), weights.sum())
        };
        let (of_targets, weight) = weighted(targets, shares.clone());
        let (of_partners, other_weight) = weighted(partners, shares.neg() + 1.0);
        (of_targets + of_partners) / (weight + other_weight)
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

    /// The disagreement of the answers on images and on further views of them: [`CONSISTENCY_WEIGHT`] times
    /// the Jensen-Shannon divergence (Hendrycks et al., "`AugMix`", 2020, equation 2), in nats.
    ///
    /// # Shapes
    /// `logits`: `[batch, classes]`, `views`: `[views · batch, classes]`; result: `[1]`.
    pub fn consistency(logits: Tensor<2>, views: Tensor<2>) -> Tensor<1> {
        let [images, _] = logits.dims();
        let all: Vec<Tensor<2>> = std::iter::once(logits)
            .chain(views.split(images, 0))
            .map(|logits| log_softmax(logits, 1))
            .collect();
        let count = all.len() as f64;
        let mean = all.iter().map(|logarithms| logarithms.clone().exp()).reduce(Tensor::add);
        let Some(mean) = mean.map(|sum| (sum / count).clamp_min(SMALLEST_PROBABILITY).log()) else {
            return Tensor::zeros([1], &all[0].device());
        };
        let divergence = |logarithms: Tensor<2>| {
            (logarithms.clone().exp() * (logarithms - mean.clone())).sum() / images as f64
        };
        let sum = all.into_iter().map(divergence).reduce(Tensor::add);
        sum.unwrap_or_else(|| Tensor::zeros([1], &mean.device())) * (CONSISTENCY_WEIGHT / count)
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
    fn a_mixture_costs_the_mean_of_both_classes_weighted_by_shares() {
        let device = Device::flex();
        for config in ["", "label_smoothing = 0.2", "class_weights = [2.0, 0.5]"] {
            let loss = loss(config);
            let logits = Tensor::from_floats([[2.0, 0.0], [0.3, 0.9]], &device);
            let mixed = |shares: [f32; 2]| -> f32 {
                let [targets, partners] =
                    [[0, 1], [1, 0]].map(|classes| Tensor::from_ints(classes, &device));
                let shares = Tensor::from_floats(shares, &device);
                loss.mixed(logits.clone(), targets, partners, shares).into_scalar()
            };
            let data = |targets: [i32; 2]| -> f32 {
                loss.data(logits.clone(), Tensor::from_ints(targets, &device)).into_scalar()
            };
            assert!((mixed([1.0, 1.0]) - data([0, 1])).abs() < 1e-6, "{config}");
            assert!((mixed([0.0, 0.0]) - data([1, 0])).abs() < 1e-6, "{config}");
            if !config.contains("class_weights") {
                let half = f32::midpoint(data([0, 1]), data([1, 0]));
                assert!((mixed([0.5, 0.5]) - half).abs() < 1e-6, "{config}");
            }
        }
    }

    #[test]
    fn views_that_agree_cost_nothing_and_others_their_divergence() {
        let device = Device::flex();
        let cost = |views: [[f32; 2]; 2]| -> f32 {
            let logits = Tensor::from_floats([[0.0, 0.0]], &device);
            Loss::consistency(logits, Tensor::from_floats(views, &device)).into_scalar()
        };
        assert!(cost([[0.0, 0.0], [5.0, 5.0]]).abs() < 1e-6);
        // Two certain and opposite answers beside an even one: log 2 each against the even mean.
        let expected = CONSISTENCY_WEIGHT as f32 * 2.0 / 3.0 * 2.0_f32.ln();
        assert!((cost([[40.0, 0.0], [0.0, 40.0]]) - expected).abs() < 1e-4);
    }

    #[test]
    fn a_wrong_number_of_class_weights_is_refused() {
        let config: LossConfig = toml::from_str("class_weights = [1.0]").unwrap();
        assert_eq!(class_weights(&config, &[1, 1]).unwrap_err().key, "loss.class_weights");
    }
}
