//! The figures of a multi-label model, which predicts any number of classes for each image.

mod predictions;
mod threshold;

use serde::Serialize;

use crate::class_scores::Scores;
use crate::interval::{Interval, wilson_interval};
use crate::mean::{mean, share};

pub use self::predictions::MultiLabelPredictions;
pub use self::threshold::{UNDECIDED, best_f1_thresholds};

/// All figures of a multi-label model. A figure is `None` without images.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MultiLabelMetrics {
    /// Number of images.
    pub images: usize,
    /// Number of images whose predicted classes are exactly their labels.
    pub exact_matches: usize,
    /// Fraction of the images whose predicted classes are exactly their labels: scikit-learn's subset
    /// accuracy.
    pub accuracy: Option<f64>,
    /// 95 % confidence interval of that fraction; see [`wilson_interval`].
    pub accuracy_interval: Option<Interval>,
    /// Fraction of all pairs of an image and a class that are predicted wrongly, 0 to 1.
    pub hamming_loss: Option<f64>,
    /// Mean over images and classes, in nats.
    pub binary_cross_entropy: Option<f64>,
    /// Average precision: mean over the classes, and over all classes as one list.
    pub average_precision: AveragePrecision,
    /// Precision, recall and F1: means over the classes, and from counts summed over the classes.
    pub averages: Option<LabelAverages>,
    /// The figures of each class, in the order of the classes.
    pub classes: Vec<LabelMetrics>,
}

/// Average precision of all classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AveragePrecision {
    /// Mean average precision: the mean over the classes that have a curve; `None` if there are none.
    #[serde(rename = "macro")]
    pub macro_average: Option<f64>,
    /// Over the probabilities of all classes as one list; `None` if all labels or none are set.
    #[serde(rename = "micro")]
    pub micro_average: Option<f64>,
}

/// Averages of precision, recall and F1 over the classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LabelAverages {
    /// Unweighted mean over all classes; its support is the number of all labels.
    #[serde(rename = "macro")]
    pub macro_average: Scores,
    /// From counts summed over the classes.
    #[serde(rename = "micro")]
    pub micro_average: Scores,
}

/// The figures of one class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelMetrics {
    /// Name of the class.
    pub name: String,
    /// Precision, recall, F1 and support at the threshold; in JSON they are fields beside the name.
    #[serde(flatten)]
    pub scores: Scores,
    /// Average precision; `None` if no image or every image has the class.
    pub average_precision: Option<f64>,
    /// Smallest probability that is predicted to be the class, 0 to 1.
    pub threshold: f64,
}

/// Numbers of a class: predicted rightly, predicted, labelled.
#[derive(Clone, Copy, Default)]
struct Counts {
    correct: usize,
    predicted: usize,
    support: usize,
}

impl Counts {
    fn scores(self) -> Scores {
        Scores::from_counts(self.correct, self.predicted, self.support)
    }
}

impl MultiLabelMetrics {
    /// All figures of `predictions`, with a threshold for each class.
    ///
    /// # Panics
    /// If there are fewer thresholds than classes.
    #[must_use]
    pub fn of(predictions: &MultiLabelPredictions, thresholds: &[f64]) -> Self {
        let (images, classes) = (predictions.len(), predictions.classes());
        let mut counts = vec![Counts::default(); classes];
        let (mut exact_matches, mut wrong) = (0, 0);
        for index in 0..images {
            let (labels, predicted) =
                (predictions.labels(index), predictions.predicted(index, thresholds));
            let mut differences = 0;
            for ((count, &label), predicted) in counts.iter_mut().zip(labels).zip(predicted) {
                count.support += usize::from(label);
                count.predicted += usize::from(predicted);
                count.correct += usize::from(label && predicted);
                differences += usize::from(label != predicted);
            }
            exact_matches += usize::from(differences == 0);
            wrong += differences;
        }
        let curves = predictions.class_curves();
        let precision: Vec<Option<f64>> = curves
            .iter()
            .map(|curves| curves.as_ref().map(|found| found.precision_recall.average_precision))
            .collect();
        let micro = predictions.micro_curves();
        let class = |(class, name): (usize, &String)| LabelMetrics {
            name: name.clone(),
            scores: counts[class].scores(),
            average_precision: precision[class],
            threshold: thresholds[class],
        };
        Self {
            images,
            exact_matches,
            accuracy: share(exact_matches, images),
            accuracy_interval: wilson_interval(exact_matches, images),
            hamming_loss: share(wrong, images * classes),
            binary_cross_entropy: predictions.binary_cross_entropy(),
            average_precision: AveragePrecision {
                macro_average: mean(precision.iter().flatten().copied()),
                micro_average: micro.map(|curves| curves.precision_recall.average_precision),
            },
            averages: averages(&counts).filter(|_| images > 0),
            classes: predictions.class_names().iter().enumerate().map(class).collect(),
        }
    }
}

fn averages(counts: &[Counts]) -> Option<LabelAverages> {
    let mut all = Counts::default();
    for count in counts {
        all.correct += count.correct;
        all.predicted += count.predicted;
        all.support += count.support;
    }
    let average =
        |figure: fn(Scores) -> f64| mean(counts.iter().map(|count| figure(count.scores())));
    Some(LabelAverages {
        macro_average: Scores {
            precision: average(|scores| scores.precision)?,
            recall: average(|scores| scores.recall)?,
            f1: average(|scores| scores.f1)?,
            support: all.support,
        },
        micro_average: all.scores(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_matches_only_if_all_its_classes_do() {
        let names = ["a", "b"].map(str::to_owned).to_vec();
        let labels = [vec![0], vec![0, 1], vec![]];
        let probabilities = vec![0.9, 0.1, 0.9, 0.2, 0.1, 0.3];
        let predictions = MultiLabelPredictions::new(names, &labels, probabilities).unwrap();
        let metrics = MultiLabelMetrics::of(&predictions, &[0.5, 0.5]);
        assert_eq!((metrics.exact_matches, metrics.hamming_loss), (2, Some(1.0 / 6.0)));
        let missed = Scores { precision: 0.0, recall: 0.0, f1: 0.0, support: 1 };
        assert_eq!(metrics.classes[1].scores, missed);
        let averages = metrics.averages.unwrap();
        assert!((averages.macro_average.f1 - 0.5).abs() < 1e-12);
        assert!((averages.micro_average.recall - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn no_images_have_no_figures() {
        let predictions =
            MultiLabelPredictions::new(vec!["a".to_owned()], &[], Vec::new()).unwrap();
        let metrics = MultiLabelMetrics::of(&predictions, &[0.5]);
        assert_eq!((metrics.accuracy, metrics.hamming_loss, metrics.averages), (None, None, None));
    }
}
