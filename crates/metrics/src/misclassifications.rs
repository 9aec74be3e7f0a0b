//! Misclassified images, the most confident predictions first.

use serde::Serialize;

use crate::Predictions;

/// An image whose predicted class is not its label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Misclassification {
    /// Index of the image.
    pub index: usize,
    /// Its label.
    pub label: usize,
    /// Its predicted class.
    pub predicted: usize,
    /// Probability of the predicted class, 0 to 1.
    pub confidence: f64,
}

/// All misclassified images, by falling confidence, then by index.
#[must_use]
pub fn misclassifications(predictions: &Predictions) -> Vec<Misclassification> {
    let mut misclassifications: Vec<Misclassification> = (0..predictions.len())
        .filter(|index| !predictions.is_correct(*index))
        .map(|index| Misclassification {
            index,
            label: predictions.labels()[index],
            predicted: predictions.predicted()[index],
            confidence: predictions.confidence(index),
        })
        .collect();
    misclassifications.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    misclassifications
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::{certain, of_rows};

    #[test]
    fn surest_mistake_comes_first_and_equals_by_index() {
        let rows = [[0.6, 0.4], [0.2, 0.8], [0.1, 0.9], [0.4, 0.6]];
        let found = misclassifications(&of_rows(&[1, 0, 1, 0], &rows));
        let indices: Vec<usize> =
            found.iter().map(|misclassification| misclassification.index).collect();
        assert_eq!(indices, [1, 0, 3]);
        assert_eq!(
            found[0],
            Misclassification { index: 1, label: 0, predicted: 1, confidence: 0.8 }
        );
    }

    #[test]
    fn all_right_and_no_images_have_no_mistakes() {
        assert!(misclassifications(&certain(2, &[0, 1], &[0, 1])).is_empty());
        assert!(misclassifications(&certain(2, &[], &[])).is_empty());
    }
}
