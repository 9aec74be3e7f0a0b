//! The confusion matrix.

use std::cmp::Reverse;

use serde::Serialize;

use crate::Predictions;
use crate::mean::share;

/// Number of images of each class that were predicted as each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// `[label][predicted]`.
    counts: Vec<usize>,
}

/// Images of one class predicted as another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConfusedPair {
    /// Their label.
    pub label: usize,
    /// Their predicted class, which is not the label.
    pub predicted: usize,
    /// Number of such images, at least 1.
    pub count: usize,
    /// `count` as a fraction of all images of the class `label`, above 0 and up to 1.
    pub share: f64,
}

impl ConfusionMatrix {
    /// Counts the images of `predictions`.
    #[must_use]
    pub fn of(predictions: &Predictions) -> Self {
        let classes = predictions.classes();
        let mut counts = vec![0; classes * classes];
        for (label, predicted) in predictions.labels().iter().zip(predictions.predicted()) {
            counts[label * classes + predicted] += 1;
        }
        Self { classes, counts }
    }

    /// Number of classes, at least 1.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of images of the class `label` predicted as the class `predicted`.
    ///
    /// # Panics
    ///
    /// If either is not the index of a class.
    #[must_use]
    pub fn count(&self, label: usize, predicted: usize) -> usize {
        self.row(label)[predicted]
    }

    /// [`ConfusionMatrix::count`] as a fraction of the images of the class `label`, 0 to 1: the matrix
    /// normalized by rows. `None` if the class has no images.
    ///
    /// # Panics
    ///
    /// If either is not the index of a class.
    #[must_use]
    pub fn share(&self, label: usize, predicted: usize) -> Option<f64> {
        share(self.count(label, predicted), self.label_count(label))
    }

    /// Number of images of a class, its support.
    ///
    /// # Panics
    ///
    /// If `class` is not the index of a class.
    #[must_use]
    pub fn label_count(&self, class: usize) -> usize {
        self.row(class).iter().sum()
    }

    /// Number of images predicted as a class, correctly or not.
    ///
    /// # Panics
    ///
    /// If `class` is not the index of a class.
    #[must_use]
    pub fn predicted_count(&self, class: usize) -> usize {
        (0..self.classes).map(|label| self.count(label, class)).sum()
    }

    /// Number of images predicted correctly.
    #[must_use]
    pub fn correct(&self) -> usize {
        (0..self.classes).map(|class| self.count(class, class)).sum()
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.counts.iter().sum()
    }

    /// All pairs of a label and another class that was predicted for it, by falling count, then by
    /// label, then by predicted class. `(a, b)` and `(b, a)` are different pairs.
    #[must_use]
    pub fn most_confused(&self) -> Vec<ConfusedPair> {
        let mut pairs = Vec::new();
        for label in 0..self.classes {
            let images = self.label_count(label);
            for (predicted, &count) in self.row(label).iter().enumerate() {
                if label != predicted && count > 0 {
                    let share = count as f64 / images as f64;
                    pairs.push(ConfusedPair { label, predicted, count, share });
                }
            }
        }
        pairs.sort_by_key(|pair| Reverse(pair.count));
        pairs
    }

    fn row(&self, label: usize) -> &[usize] {
        &self.counts[label * self.classes..][..self.classes]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::certain;

    #[test]
    fn counts_are_by_label_and_predicted_class() {
        let matrix = ConfusionMatrix::of(&certain(3, &[0, 0, 0, 2], &[0, 1, 1, 0]));
        assert_eq!(matrix.count(0, 1), 2);
        assert_eq!(matrix.count(1, 0), 0);
        assert_eq!(matrix.label_count(0), 3);
        assert_eq!(matrix.predicted_count(0), 2);
        assert_eq!((matrix.correct(), matrix.images()), (1, 4));
    }

    #[test]
    fn shares_are_of_the_label_and_an_empty_class_has_none() {
        let matrix = ConfusionMatrix::of(&certain(3, &[0, 0, 0, 0], &[0, 1, 1, 1]));
        assert_eq!(matrix.share(0, 1), Some(0.75));
        assert_eq!(matrix.share(1, 1), None);
    }

    #[test]
    fn confused_pairs_are_ranked_by_count_then_label_then_predicted() {
        let labels = [2, 2, 1, 0, 0, 0];
        let matrix = ConfusionMatrix::of(&certain(3, &labels, &[0, 0, 0, 2, 1, 0]));
        let pairs = matrix.most_confused();
        let found: Vec<_> =
            pairs.iter().map(|pair| (pair.label, pair.predicted, pair.count)).collect();
        assert_eq!(found, [(2, 0, 2), (0, 1, 1), (0, 2, 1), (1, 0, 1)]);
        assert!((pairs[1].share - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn no_mistake_leaves_no_pair() {
        assert!(ConfusionMatrix::of(&certain(2, &[0, 1], &[0, 1])).most_confused().is_empty());
        assert!(ConfusionMatrix::of(&certain(2, &[], &[])).most_confused().is_empty());
    }
}
