//! Scores of single labels: the lower, the more likely the label is wrong.

use crate::Predictions;

/// The probability of an image's label, 0 to 1.
#[must_use]
pub fn self_confidence(predictions: &Predictions, image: usize) -> f64 {
    predictions.probabilities(image)[predictions.labels()[image]]
}

/// How far the probability of an image's label exceeds that of the most probable other class, scaled
/// from −1…1 to 0…1. With a single class, 1.
#[must_use]
pub fn normalized_margin(predictions: &Predictions, image: usize) -> f64 {
    let label = predictions.labels()[image];
    let probabilities = predictions.probabilities(image).iter().enumerate();
    let others = probabilities.filter(|(class, _)| *class != label);
    let largest = others.map(|(_, probability)| *probability).fold(0.0, f64::max);
    f64::midpoint(self_confidence(predictions, image) - largest, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::{certain, of_rows};

    #[test]
    fn scores_compare_the_label_with_its_strongest_rival() {
        let predictions = of_rows(&[0, 2], &[[0.5, 0.3, 0.2], [0.5, 0.25, 0.25]]);
        assert!((self_confidence(&predictions, 0) - 0.5).abs() < 1e-12);
        assert!((self_confidence(&predictions, 1) - 0.25).abs() < 1e-12);
        assert!((normalized_margin(&predictions, 0) - 0.6).abs() < 1e-12);
        assert!((normalized_margin(&predictions, 1) - 0.375).abs() < 1e-12);
        assert!((normalized_margin(&certain(1, &[0], &[0]), 0) - 1.0).abs() < 1e-12);
    }
}
