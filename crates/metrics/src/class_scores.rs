//! Precision, recall and F1 of each class, and their averages.

use serde::Serialize;

use crate::ConfusionMatrix;
use crate::mean::share;

/// Precision, recall and F1 of a class against all others, or an average of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Fraction of the images predicted as the class that are of the class, 0 to 1; 0 if no image was
    /// predicted as the class.
    pub precision: f64,
    /// Fraction of the images of the class that are predicted as the class, 0 to 1; 0 if the class has
    /// no images.
    pub recall: f64,
    /// Harmonic mean of precision and recall, 0 to 1; 0 if both are 0.
    pub f1: f64,
    /// Number of images: of the class, or of all classes in an average.
    pub support: usize,
}

/// [`Scores`] averaged over the classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AverageScores {
    /// Unweighted mean over the classes that are the label or the prediction of some image, as
    /// scikit-learn averages over the labels it finds.
    #[serde(rename = "macro")]
    pub macro_average: Scores,
    /// Computed from counts summed over the classes. With one prediction for each image, precision,
    /// recall and F1 all equal the accuracy.
    #[serde(rename = "micro")]
    pub micro_average: Scores,
    /// Mean weighted by the support of the classes.
    #[serde(rename = "weighted")]
    pub weighted_average: Scores,
}

/// The scores of all classes.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassScores {
    /// The scores of each class against all others.
    pub classes: Vec<Scores>,
    /// Their averages; `None` without images.
    pub averages: Option<AverageScores>,
}

impl ClassScores {
    /// From the counts of `confusion`.
    #[must_use]
    pub fn of(confusion: &ConfusionMatrix) -> Self {
        let predicted: Vec<usize> =
            (0..confusion.classes()).map(|class| confusion.predicted_count(class)).collect();
        let classes: Vec<Scores> = predicted
            .iter()
            .enumerate()
            .map(|(class, &predicted)| {
                let correct = confusion.count(class, class);
                Scores::from_counts(correct, predicted, confusion.label_count(class))
            })
            .collect();
        let present: Vec<Scores> = classes
            .iter()
            .zip(&predicted)
            .filter(|(scores, predicted)| scores.support + **predicted > 0)
            .map(|(scores, _)| *scores)
            .collect();
        Self { averages: AverageScores::of(&present, confusion), classes }
    }
}

impl AverageScores {
    fn of(present: &[Scores], confusion: &ConfusionMatrix) -> Option<Self> {
        let images = confusion.images();
        (images > 0).then(|| Self {
            macro_average: Scores::mean(present, images, |_| 1.0),
            micro_average: Scores::from_counts(confusion.correct(), images, images),
            weighted_average: Scores::mean(present, images, |scores| scores.support as f64),
        })
    }
}

impl Scores {
    pub(crate) fn from_counts(correct: usize, predicted: usize, support: usize) -> Self {
        Self {
            precision: share(correct, predicted).unwrap_or(0.0),
            recall: share(correct, support).unwrap_or(0.0),
            f1: share(2 * correct, predicted + support).unwrap_or(0.0),
            support,
        }
    }

    fn mean(classes: &[Self], support: usize, weight: impl Fn(&Self) -> f64) -> Self {
        let total: f64 = classes.iter().map(&weight).sum();
        let mean = |value: fn(&Self) -> f64| {
            classes.iter().map(|class| weight(class) * value(class)).sum::<f64>() / total
        };
        Self {
            precision: mean(|class| class.precision),
            recall: mean(|class| class.recall),
            f1: mean(|class| class.f1),
            support,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::certain;

    fn scores(classes: usize, labels: &[usize], predicted: &[usize]) -> ClassScores {
        ClassScores::of(&ConfusionMatrix::of(&certain(classes, labels, predicted)))
    }

    #[test]
    fn averages_weigh_classes_equally_or_by_images() {
        // Class 0: 2 right of 3, 2 right of 2 predicted. Class 1: 1 right of 1, 1 of 2 predicted.
        let ClassScores { classes, averages } = scores(2, &[0, 0, 0, 1], &[0, 0, 1, 1]);
        assert_eq!(classes[1], Scores { precision: 0.5, recall: 1.0, f1: 2.0 / 3.0, support: 1 });
        let AverageScores { macro_average, micro_average, weighted_average } = averages.unwrap();
        assert!((macro_average.recall - 5.0 / 6.0).abs() < 1e-12);
        assert!((macro_average.precision - 0.75).abs() < 1e-12);
        assert!((weighted_average.precision - 0.875).abs() < 1e-12);
        let expected = Scores { precision: 0.75, recall: 0.75, f1: 0.75, support: 4 };
        assert_eq!(micro_average, expected);
    }

    #[test]
    fn class_without_images_or_predictions_scores_zero_and_is_not_averaged() {
        let zero = Scores { precision: 0.0, recall: 0.0, f1: 0.0, support: 0 };
        let with = scores(3, &[0, 2, 2], &[0, 0, 2]);
        let without = scores(2, &[0, 1, 1], &[0, 0, 1]);
        assert_eq!(with.classes[1], zero);
        assert_eq!(with.averages, without.averages);
    }

    #[test]
    fn class_that_is_only_predicted_is_averaged() {
        let averages = scores(3, &[0, 0], &[0, 1]).averages.unwrap();
        assert!((averages.macro_average.precision - 0.5).abs() < 1e-12);
        assert!((averages.macro_average.recall - 0.25).abs() < 1e-12);
    }

    #[test]
    fn all_wrong_is_all_zero() {
        let averages = scores(2, &[0, 1], &[1, 0]).averages.unwrap();
        let expected = Scores { precision: 0.0, recall: 0.0, f1: 0.0, support: 2 };
        assert_eq!(averages.macro_average, expected);
        assert_eq!(averages.micro_average, expected);
        assert_eq!(averages.weighted_average, expected);
    }

    #[test]
    fn no_images_have_no_averages() {
        assert_eq!(scores(2, &[], &[]).averages, None);
    }
}
