//! Scores of the predicted probabilities: cross-entropy and Brier score.

use crate::Predictions;
use crate::mean::mean;

/// Cross-entropy, also called log loss: the mean of −ln of the label's probability, in nats; 0 is
/// best. `None` without images.
///
/// Probabilities below 2^−52, the machine epsilon of `f64`, count as 2^−52, so that one image
/// contributes at most 36.04 nats; scikit-learn's `log_loss` does the same. Those above 1 count as 1.
#[must_use]
pub fn cross_entropy(predictions: &Predictions) -> Option<f64> {
    mean(label_probabilities(predictions).map(|value| value.clamp(f64::EPSILON, 1.0).recip().ln()))
}

/// Brier score: the mean over the images of the squared distance between the probabilities and the
/// one-hot label; 0 to 2, 0 is best. `None` without images.
///
/// Two classes count twice what the binary form of the score has. Source: Brier, "Verification of
/// forecasts expressed in terms of probability", 1950, equation 2.
#[must_use]
pub fn brier_score(predictions: &Predictions) -> Option<f64> {
    mean(predictions.labels().iter().enumerate().map(|(index, label)| {
        let squares = predictions.probabilities(index).iter().enumerate().map(|(class, value)| {
            let truth = if class == *label { 1.0 } else { 0.0 };
            (value - truth) * (value - truth)
        });
        squares.sum::<f64>()
    }))
}

fn label_probabilities(predictions: &Predictions) -> impl Iterator<Item = f64> {
    predictions
        .labels()
        .iter()
        .enumerate()
        .map(|(index, label)| predictions.probabilities(index)[*label])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::{certain, of_rows};

    #[test]
    fn certain_and_right_costs_nothing() {
        let predictions = certain(3, &[0, 2], &[0, 2]);
        assert_eq!(cross_entropy(&predictions), Some(0.0));
        assert_eq!(brier_score(&predictions), Some(0.0));
    }

    #[test]
    fn certain_and_wrong_costs_the_clipped_logarithm_and_two() {
        let predictions = certain(3, &[0, 2], &[1, 1]);
        assert!((cross_entropy(&predictions).unwrap() - 52.0 * 2_f64.ln()).abs() < 1e-9);
        assert_eq!(brier_score(&predictions), Some(2.0));
    }

    #[test]
    fn scores_are_means_over_images() {
        let predictions = of_rows(&[0, 1], &[[0.5, 0.5], [0.75, 0.25]]);
        assert!((cross_entropy(&predictions).unwrap() - 1.5 * 2_f64.ln()).abs() < 1e-12);
        assert!((brier_score(&predictions).unwrap() - 0.8125).abs() < 1e-12);
    }

    #[test]
    fn no_images_have_no_score() {
        let predictions = certain(2, &[], &[]);
        assert_eq!(cross_entropy(&predictions), None);
        assert_eq!(brier_score(&predictions), None);
    }
}
