//! Top-k accuracy.

use crate::Predictions;
use crate::mean::share;

/// Fraction of the images whose label is among the `k` most probable classes, 0 to 1; `None` without
/// images.
///
/// Ties go to the lower class index, as in [`Predictions::predicted`], so `k` of 1 gives the
/// accuracy. With `k` or fewer classes it is always 1.
#[must_use]
pub fn top_k_accuracy(predictions: &Predictions, k: usize) -> Option<f64> {
    let right = predictions
        .labels()
        .iter()
        .enumerate()
        .filter(|(index, label)| rank(predictions.probabilities(*index), **label) < k)
        .count();
    share(right, predictions.len())
}

/// Number of classes ranked before `label`.
fn rank(probabilities: &[f64], label: usize) -> usize {
    let own = probabilities[label];
    let (before, after) = probabilities.split_at(label);
    before.iter().filter(|value| **value >= own).count()
        + after.iter().filter(|value| **value > own).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::{certain, of_rows};

    #[test]
    fn label_counts_from_its_rank_on() {
        let predictions = of_rows(&[0, 1, 2], &[[0.5, 0.3, 0.2]; 3]);
        assert_eq!(top_k_accuracy(&predictions, 1), Some(1.0 / 3.0));
        assert_eq!(top_k_accuracy(&predictions, 2), Some(2.0 / 3.0));
        assert_eq!(top_k_accuracy(&predictions, 3), Some(1.0));
    }

    #[test]
    fn first_of_equals_comes_first() {
        assert_eq!([0, 1, 2].map(|label| rank(&[0.4, 0.2, 0.4], label)), [0, 2, 1]);
        assert_eq!([0, 1, 2].map(|label| rank(&[0.0, 1.0, 0.0], label)), [1, 0, 2]);
    }

    #[test]
    fn one_class_is_always_found_and_no_images_have_no_answer() {
        assert_eq!(top_k_accuracy(&certain(1, &[0], &[0]), 3), Some(1.0));
        assert_eq!(top_k_accuracy(&certain(3, &[], &[]), 2), None);
    }
}
