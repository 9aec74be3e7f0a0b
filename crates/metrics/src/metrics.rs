//! All figures of one model.

use serde::Serialize;

use crate::mean::share;
use crate::{
    AverageScores, BinaryCurves, Calibration, ClassScores, ConfusedPair, ConfusionMatrix, Curves,
    Interval, Predictions, Scores, brier_score, cross_entropy, matthews_correlation,
    top_k_accuracy, wilson_interval,
};

/// Number of the most confused pairs that are kept.
const CONFUSED_PAIRS: usize = 10;

/// All figures of a classifier. Fractions are from 0 to 1. An undefined figure is `None`, serialized as
/// `null`; without images that is all but the counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Number of images.
    pub images: usize,
    /// Number of images predicted correctly.
    pub correct: usize,
    /// Fraction of the images predicted correctly.
    pub accuracy: Option<f64>,
    /// Fraction of the images predicted incorrectly, the error rate.
    pub error: Option<f64>,
    /// 95 % confidence interval of the accuracy; see [`wilson_interval`].
    pub accuracy_interval: Option<Interval>,
    /// Fraction of the images whose label is among the two most probable classes; see
    /// [`top_k_accuracy`].
    pub top_2_accuracy: Option<f64>,
    /// Fraction of the images whose label is among the three most probable classes.
    pub top_3_accuracy: Option<f64>,
    /// In nats, 0 to 36.04; see [`cross_entropy`].
    pub cross_entropy: Option<f64>,
    /// 0 to 2; see [`brier_score`].
    pub brier_score: Option<f64>,
    /// 0 to 1; see [`Calibration`].
    pub expected_calibration_error: Option<f64>,
    /// −1 to 1; see [`matthews_correlation`].
    pub matthews_correlation: Option<f64>,
    /// Area under the ROC curves; see [`Curves`].
    pub auc: CurveAverages,
    /// Average precision; see [`Curves`].
    pub average_precision: CurveAverages,
    /// Averages of precision, recall and F1.
    pub averages: Option<AverageScores>,
    /// The figures of each class, in the order of the classes.
    pub classes: Vec<ClassMetrics>,
    /// The ten most confused pairs; see [`ConfusionMatrix::most_confused`].
    pub most_confused: Vec<ConfusedPair>,
}

/// Averages of a figure of the curves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurveAverages {
    /// Mean over the classes that have a curve; `None` if there are none.
    #[serde(rename = "macro")]
    pub macro_average: Option<f64>,
    /// Over the probabilities of all classes as one list; `None` without images and with one class
    /// only.
    #[serde(rename = "micro")]
    pub micro_average: Option<f64>,
}

/// The figures of one class against the rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassMetrics {
    /// Name of the class.
    pub name: String,
    /// Precision, recall, F1 and support; in JSON they are fields beside the name.
    #[serde(flatten)]
    pub scores: Scores,
    /// Area under the ROC curve; `None` if no image or every image has the class.
    pub auc: Option<f64>,
    /// Average precision; `None` if no image or every image has the class.
    pub average_precision: Option<f64>,
}

impl Metrics {
    /// All figures of `predictions`.
    #[must_use]
    pub fn of(predictions: &Predictions) -> Self {
        let confusion = ConfusionMatrix::of(predictions);
        let scores = ClassScores::of(&confusion);
        let curves = Curves::of(predictions);
        let mut most_confused = confusion.most_confused();
        most_confused.truncate(CONFUSED_PAIRS);
        let (images, correct) = (predictions.len(), confusion.correct());
        Self {
            images,
            correct,
            accuracy: share(correct, images),
            error: share(images - correct, images),
            accuracy_interval: wilson_interval(correct, images),
            top_2_accuracy: top_k_accuracy(predictions, 2),
            top_3_accuracy: top_k_accuracy(predictions, 3),
            cross_entropy: cross_entropy(predictions),
            brier_score: brier_score(predictions),
            expected_calibration_error: Calibration::of(predictions).expected_error,
            matthews_correlation: matthews_correlation(&confusion),
            auc: CurveAverages {
                macro_average: curves.macro_auc(),
                micro_average: curves.micro.as_ref().map(auc),
            },
            average_precision: CurveAverages {
                macro_average: curves.macro_average_precision(),
                micro_average: curves.micro.as_ref().map(average_precision),
            },
            averages: scores.averages,
            classes: class_metrics(predictions, &scores.classes, &curves.classes),
            most_confused,
        }
    }
}

fn class_metrics(
    predictions: &Predictions,
    scores: &[Scores],
    curves: &[Option<BinaryCurves>],
) -> Vec<ClassMetrics> {
    let classes = predictions.class_names().iter().zip(scores).zip(curves);
    classes
        .map(|((name, scores), curves)| ClassMetrics {
            name: name.clone(),
            scores: *scores,
            auc: curves.as_ref().map(auc),
            average_precision: curves.as_ref().map(average_precision),
        })
        .collect()
}

fn auc(curves: &BinaryCurves) -> f64 {
    curves.roc.area
}

fn average_precision(curves: &BinaryCurves) -> f64 {
    curves.precision_recall.average_precision
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::predictions::{certain, of_rows};

    fn json(predictions: &Predictions) -> Value {
        serde_json::to_value(Metrics::of(predictions)).unwrap()
    }

    #[test]
    fn no_images_have_no_answers() {
        let zero = json!({
            "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0,
            "auc": null, "average_precision": null,
        });
        let named = |name: &str| {
            let mut class = zero.clone();
            class["name"] = json!(name);
            class
        };
        assert_eq!(
            json(&certain(2, &[], &[])),
            json!({
                "images": 0, "correct": 0, "accuracy": null, "error": null,
                "accuracy_interval": null, "top_2_accuracy": null, "top_3_accuracy": null,
                "cross_entropy": null, "brier_score": null, "expected_calibration_error": null,
                "matthews_correlation": null,
                "auc": {"macro": null, "micro": null},
                "average_precision": {"macro": null, "micro": null},
                "averages": null,
                "classes": [named("class 0"), named("class 1")],
                "most_confused": [],
            })
        );
    }

    #[test]
    fn one_class_only_is_always_right_and_has_no_curves() {
        let metrics = Metrics::of(&certain(1, &[0, 0], &[0, 0]));
        assert_eq!((metrics.accuracy, metrics.error), (Some(1.0), Some(0.0)));
        assert_eq!((metrics.top_2_accuracy, metrics.top_3_accuracy), (Some(1.0), Some(1.0)));
        assert_eq!(metrics.matthews_correlation, Some(0.0));
        assert_eq!((metrics.auc.macro_average, metrics.auc.micro_average), (None, None));
    }

    #[test]
    fn all_wrong_is_zero_accuracy_and_every_pair_confused() {
        let metrics = json(&of_rows(&[1, 0], &[[0.75, 0.25], [0.25, 0.75]]));
        assert_eq!(metrics["accuracy"], json!(0.0));
        assert_eq!(metrics["error"], json!(1.0));
        assert_eq!(metrics["accuracy_interval"]["low"], json!(0.0));
        assert_eq!(metrics["expected_calibration_error"], json!(0.75));
        assert_eq!(metrics["averages"]["macro"]["f1"], json!(0.0));
        assert_eq!(
            metrics["most_confused"],
            json!([
                {"label": 0, "predicted": 1, "count": 1, "share": 1.0},
                {"label": 1, "predicted": 0, "count": 1, "share": 1.0},
            ])
        );
    }

    #[test]
    fn ten_most_confused_pairs_are_kept() {
        let labels: Vec<usize> = (0..12).collect();
        let metrics = Metrics::of(&certain(13, &labels, &[12; 12]));
        assert_eq!(metrics.most_confused.len(), 10);
    }
}
