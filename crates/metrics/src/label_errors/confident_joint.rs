//! The confident joint: how many images of each given label belong to which class.

use crate::Predictions;

/// What two probabilities may differ by and still be equal.
pub(super) const TOLERANCE: f64 = 1e-6;
/// Thresholds are not lower, so that a probability of 0 is never confident.
const LOWEST_THRESHOLD: f64 = 2e-6;

/// The estimated counts of images by given label and true class (section 3.1 of the paper).
#[derive(Clone, Debug, PartialEq)]
pub struct ConfidentJoint {
    classes: usize,
    thresholds: Vec<Option<f64>>,
    counts: Vec<usize>, // [given label, true class]
}

impl ConfidentJoint {
    /// Estimates the counts from out-of-sample `predictions`. They are calibrated: those of a given
    /// label add up to the number of its images.
    #[must_use]
    pub fn of(predictions: &Predictions) -> Self {
        let classes = predictions.classes();
        let thresholds = thresholds(predictions);
        let mut confident = vec![0_usize; classes * classes];
        for (image, &label) in predictions.labels().iter().enumerate() {
            if let Some(class) = confident_class(predictions, image, &thresholds) {
                confident[label * classes + class] += 1;
            }
        }
        let mut images = vec![0_usize; classes];
        for &label in predictions.labels() {
            images[label] += 1;
        }
        // Every class has at least one image with the right label.
        for class in 0..classes {
            let count = &mut confident[class * classes + class];
            *count = (*count).max(1);
        }
        let rows = confident.chunks_exact(classes).zip(&images);
        let counts = rows.flat_map(|(row, &images)| {
            let sum: usize = row.iter().sum();
            let shares = row.iter().map(|&count| count as f64 / sum as f64 * images as f64);
            round_keeping_sum(&shares.collect::<Vec<_>>())
        });
        Self { classes, thresholds, counts: counts.collect() }
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The probability from which on an image counts for each class: the mean probability of the class
    /// over the images with its label (equation 2). `None` for a class without images.
    #[must_use]
    pub fn thresholds(&self) -> &[Option<f64>] {
        &self.thresholds
    }

    /// The number of images labelled `given` that belong to the class `actual`.
    ///
    /// # Panics
    /// If one of them is not a class.
    #[must_use]
    pub fn count(&self, given: usize, actual: usize) -> usize {
        assert!(given < self.classes && actual < self.classes, "classes of the confident joint");
        self.counts[given * self.classes + actual]
    }

    /// The estimated number of wrong labels.
    #[must_use]
    pub fn wrong_labels(&self) -> usize {
        let right: usize = (0..self.classes).map(|class| self.count(class, class)).sum();
        self.counts.iter().sum::<usize>() - right
    }

    /// The noise matrix: the probability that an image of a class has a label, `[given label][true
    /// class]`. The probabilities of a class add up to 1, or to 0 if no image belongs to it.
    #[must_use]
    pub fn noise_matrix(&self) -> Vec<Vec<f64>> {
        let totals: Vec<usize> = (0..self.classes)
            .map(|actual| (0..self.classes).map(|given| self.count(given, actual)).sum())
            .collect();
        let share = |given, actual: usize| {
            self.count(given, actual) as f64 / (totals[actual] as f64).max(f64::MIN_POSITIVE)
        };
        (0..self.classes)
            .map(|given| (0..self.classes).map(|actual| share(given, actual)).collect())
            .collect()
    }
}

fn thresholds(predictions: &Predictions) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_usize); predictions.classes()];
    for (image, &label) in predictions.labels().iter().enumerate() {
        let (sum, images) = &mut sums[label];
        *sum += predictions.probabilities(image)[label];
        *images += 1;
    }
    let threshold = |(sum, images): (f64, usize)| {
        (images > 0).then(|| (sum / images as f64).max(LOWEST_THRESHOLD))
    };
    sums.into_iter().map(threshold).collect()
}

/// The class whose threshold an image reaches; of several, its most probable class.
fn confident_class(
    predictions: &Predictions,
    image: usize,
    thresholds: &[Option<f64>],
) -> Option<usize> {
    let both = predictions.probabilities(image).iter().zip(thresholds).enumerate();
    let mut reached = both.filter(|(_, (probability, threshold))| {
        threshold.is_some_and(|threshold| **probability >= threshold - TOLERANCE)
    });
    let (first, _) = reached.next()?;
    Some(if reached.next().is_some() { predictions.predicted()[image] } else { first })
}

/// Rounds to whole numbers whose sum is the rounded sum of `values`: those that rounding changed most
/// are rounded the other way, the first of equals.
pub(super) fn round_keeping_sum(values: &[f64]) -> Vec<usize> {
    let mut rounded: Vec<f64> = values.iter().map(|value| value.round_ties_even()).collect();
    let sum = values.iter().sum::<f64>().round_ties_even();
    loop {
        let missing = sum - rounded.iter().sum::<f64>();
        if missing.abs() < 0.5 {
            break;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        let changed = |index: usize| missing.signum() * (rounded[index] - values[index]);
        order.sort_by(|&one, &other| changed(one).total_cmp(&changed(other)));
        for &index in order.iter().take(missing.abs() as usize) {
            rounded[index] += missing.signum();
        }
    }
    // Nothing is rounded below zero: what is rounded down a second time was above its value.
    rounded.into_iter().map(|value| value.max(0.0) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::of_rows;

    #[test]
    fn a_wrong_label_counts_for_the_class_that_the_model_sees() {
        let sure = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.1, 0.9], [0.2, 0.8]];
        // The third image is labelled 0 and looks like 1.
        let joint = ConfidentJoint::of(&of_rows(&[0, 0, 0, 1, 1], &sure));
        assert_eq!([joint.count(0, 0), joint.count(0, 1)], [2, 1]);
        assert_eq!([joint.count(1, 0), joint.count(1, 1)], [0, 2]);
        assert_eq!(joint.wrong_labels(), 1);
        assert_eq!(joint.thresholds()[0].map(|value| (value * 1e6).round()), Some(600_000.0));
        let noise = joint.noise_matrix();
        assert!((noise[0][1] - 1.0 / 3.0).abs() < 1e-12 && noise[1][0] == 0.0);
    }

    #[test]
    fn a_class_without_images_gets_none() {
        let joint = ConfidentJoint::of(&of_rows(&[0, 0], &[[0.4, 0.6], [0.6, 0.4]]));
        assert_eq!((joint.count(0, 0), joint.wrong_labels()), (2, 0));
        assert_eq!(joint.thresholds()[1], None);
        assert_eq!(joint.noise_matrix(), [[1.0, 0.0], [0.0, 0.0]]);
    }

    #[test]
    fn rounding_keeps_the_sum() {
        assert_eq!(round_keeping_sum(&[0.4, 0.4, 1.2]), [1, 0, 1]);
        assert_eq!(round_keeping_sum(&[1.6, 1.7, 1.7]), [1, 2, 2]);
        assert_eq!(round_keeping_sum(&[3.0, 0.0]), [3, 0]);
    }
}
