//! What a model predicts for an image.

/// The prediction for one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Index of the most probable class; the first of equals.
    pub class: usize,
    /// Natural logarithms of the probabilities of all classes.
    pub log_probabilities: Vec<f64>,
    score: f64,
}

impl Prediction {
    /// A prediction from the natural logarithms of all classes' probabilities.
    #[must_use]
    pub fn of(log_probabilities: Vec<f64>) -> Self {
        let mut class = 0;
        for (index, logarithm) in log_probabilities.iter().enumerate() {
            if *logarithm > log_probabilities[class] {
                class = index;
            }
        }
        // KL(U ‖ p)
        let classes = log_probabilities.len() as f64;
        let score = -classes.ln() - log_probabilities.iter().sum::<f64>() / classes;
        Self { class, log_probabilities, score }
    }

    /// Makes the score the mean of it and those of other views of the image.
    pub(crate) fn add_views(&mut self, views: &[Self]) {
        let sum = self.score + views.iter().map(Self::score).sum::<f64>();
        self.score = sum / (1 + views.len()) as f64;
    }

    /// Of a model whose images are of one class each: log-softmax of the logits divided by `temperature`,
    /// in double precision, so that backends differ by no more than their logits do.
    pub(crate) fn softmax(logits: &[f32], temperature: f64) -> Self {
        let logits = logits.iter().map(|&logit| f64::from(logit) / temperature);
        Self::log_softmax(&logits.collect::<Vec<_>>())
    }

    fn log_softmax(logits: &[f64]) -> Self {
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        Self::of(logits.iter().map(|logit| logit - largest - sum.ln()).collect())
    }

    /// The same prediction with its logits divided by `temperature`, of a model whose images are of one
    /// class each.
    #[must_use]
    pub fn at_temperature(&self, temperature: f64) -> Self {
        let scaled = self.log_probabilities.iter().map(|logarithm| logarithm / temperature);
        Self::log_softmax(&scaled.collect::<Vec<_>>())
    }

    /// Of a [multi-label](crate::MultiLabel) model: the logarithm of each output's sigmoid.
    pub(crate) fn sigmoid(logits: &[f32]) -> Self {
        let log_sigmoid = |&logit: &f32| {
            let logit = f64::from(logit);
            logit.min(0.0) - (-logit.abs()).exp().ln_1p()
        };
        Self::of(logits.iter().map(log_sigmoid).collect())
    }

    /// Whether no probability is NaN. One is if the network's numbers overflow: such a prediction
    /// says nothing.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.log_probabilities.iter().any(|logarithm| logarithm.is_nan())
    }

    /// Probabilities of all classes, all 0 if the prediction is not [valid](Self::is_valid). They add up
    /// to 1, unless the model is [multi-label](crate::MultiLabel).
    #[must_use]
    pub fn probabilities(&self) -> Vec<f64> {
        let is_valid = self.is_valid();
        let probability = |logarithm: &f64| if is_valid { logarithm.exp() } else { 0.0 };
        self.log_probabilities.iter().map(probability).collect()
    }

    /// How far the prediction is from equally probable classes, in nats, 0 or more: the Kullback–Leibler
    /// divergence from the uniform distribution U over the classes to the prediction p, `KL(U ‖ p) = −ln K − Σ ln pₖ / K`. Low where
    /// an image is unlike those that the model was trained on. Training on images without a class, with
    /// uniform targets (Hendrycks, Mazeika and Dietterich, "Deep anomaly detection with outlier exposure",
    /// 2019), minimizes it for them. [`Classifier::classify_and_score`](crate::Classifier::classify_and_score)
    /// makes it the mean over several views of a doubtful image. NaN if the prediction is not
    /// [valid](Self::is_valid); without meaning for a [multi-label](crate::MultiLabel) model.
    #[must_use]
    pub fn score(&self) -> f64 {
        self.score
    }

    /// Probability of the most probable class; 0 if the prediction is not [valid](Self::is_valid).
    #[must_use]
    pub fn confidence(&self) -> f64 {
        let logarithm = self.log_probabilities.get(self.class).filter(|_| self.is_valid());
        logarithm.map_or(0.0, |logarithm| logarithm.exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_add_up_to_one_even_for_large_logits() {
        let prediction = Prediction::softmax(&[1000.0, 1001.0, -1000.0], 1.0);
        assert_eq!(prediction.class, 1);
        let sum: f64 = prediction.probabilities().iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert!((prediction.confidence() - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
        assert!((prediction.log_probabilities[2] - -2001.0).abs() < 1.0);
    }

    #[test]
    fn numbers_that_overflow_give_no_confidence() {
        for logits in [[f32::NAN, 1.0], [1.0, f32::NAN], [f32::INFINITY, 0.0], [-f32::INFINITY; 2]]
        {
            let prediction = Prediction::softmax(&logits, 1.0);
            assert!(!prediction.is_valid(), "{logits:?}");
            assert!(prediction.confidence().abs() < 1e-9, "{logits:?}");
            assert_eq!(prediction.probabilities(), [0.0; 2]);
        }
        let certain = Prediction::softmax(&[f32::NEG_INFINITY, 0.0], 1.0);
        assert!(certain.is_valid() && certain.class == 1);
    }

    #[test]
    fn scores_are_divergences_from_the_uniform_distribution() {
        // scipy.stats.entropy([1/3] * 3, softmax(z)) of each row z of logits.
        for (logits, expected) in [
            ([0.0, 0.0, 0.0], 0.0),
            ([2.0, 0.0, -1.0], 0.737_900_397_555),
            ([12.0, -3.0, 0.5], 7.734_731_480_607),
        ] {
            let found = Prediction::softmax(&logits, 1.0).score();
            assert!((found - expected).abs() < 1e-9, "{found}");
        }
        assert!(Prediction::softmax(&[f32::NAN, 1.0], 1.0).score().is_nan());
    }

    #[test]
    fn a_temperature_divides_the_logits() {
        let cold = Prediction::softmax(&[1.0, 3.0, -2.0], 1.0);
        let warm = Prediction::softmax(&[0.5, 1.5, -1.0], 1.0);
        for scaled in [Prediction::softmax(&[1.0, 3.0, -2.0], 2.0), cold.at_temperature(2.0)] {
            for (found, expected) in scaled.log_probabilities.iter().zip(&warm.log_probabilities) {
                assert!((found - expected).abs() < 1e-12, "{found}");
            }
        }
    }

    #[test]
    fn the_first_of_equal_classes_wins() {
        assert_eq!(Prediction::softmax(&[0.5, 2.0, 2.0], 1.0).class, 1);
    }

    #[test]
    fn sigmoids_are_independent_and_precise_at_both_ends() {
        let prediction = Prediction::sigmoid(&[0.0, 100.0, -100.0]);
        let [half, high, low] = [0, 1, 2].map(|class| prediction.probabilities()[class]);
        assert!((half - 0.5).abs() < 1e-12 && (high - 1.0).abs() < 1e-12 && low > 0.0);
        assert!((prediction.log_probabilities[2] - -100.0).abs() < 1e-9);
        assert_eq!(prediction.class, 1);
        assert!(!Prediction::sigmoid(&[f32::NAN, 1.0]).is_valid());
    }
}
