//! Compares all figures with scikit-learn and statsmodels; `fixture/make.py` writes what they compute.
#![allow(clippy::unwrap_used)]

use metrics::{
    BinaryCurves, Calibration, ConfusionMatrix, Curves, Interval, McNemar, Metrics, Predictions,
    Scores,
};
use serde::Deserialize;

/// Quotients of counts, which rounding alone may change.
const COUNTED: f64 = 1e-9;
/// Everything else.
const COMPUTED: f64 = 1e-6;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    mcnemar: Vec<McNemarCase>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    labels: Vec<usize>,
    probabilities: Vec<f64>,
    figures: Figures,
    curves: Option<ExpectedCurves>,
}

#[derive(Deserialize)]
struct Figures {
    confusion: Vec<Vec<usize>>,
    correct: usize,
    accuracy: f64,
    accuracy_interval: ExpectedInterval,
    top_2_accuracy: f64,
    top_3_accuracy: f64,
    cross_entropy: f64,
    brier_score: f64,
    expected_calibration_error: f64,
    calibration_bins: Vec<ExpectedBin>,
    matthews_correlation: f64,
    auc: ExpectedCurveFigure,
    average_precision: ExpectedCurveFigure,
    classes: Vec<ExpectedScores>,
    averages: ExpectedAverages,
}

#[derive(Deserialize)]
struct ExpectedInterval {
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct ExpectedBin {
    count: usize,
    mean_confidence: Option<f64>,
    accuracy: Option<f64>,
}

#[derive(Deserialize)]
struct ExpectedCurveFigure {
    classes: Vec<Option<f64>>,
    #[serde(rename = "macro")]
    macro_average: f64,
    #[serde(rename = "micro")]
    micro_average: f64,
}

#[derive(Deserialize)]
struct ExpectedScores {
    precision: f64,
    recall: f64,
    f1: f64,
    support: usize,
}

#[derive(Deserialize)]
struct ExpectedAverages {
    #[serde(rename = "macro")]
    macro_average: ExpectedScores,
    #[serde(rename = "micro")]
    micro_average: ExpectedScores,
    weighted: ExpectedScores,
}

#[derive(Deserialize)]
struct ExpectedCurves {
    classes: Vec<Option<ExpectedBinaryCurves>>,
    micro: ExpectedBinaryCurves,
}

#[derive(Deserialize)]
struct ExpectedBinaryCurves {
    roc: Vec<(f64, f64)>,
    precision_recall: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct McNemarCase {
    only_first: usize,
    only_second: usize,
    exact: bool,
    p_value: f64,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("fixture/scikit_learn.json")).unwrap()
}

fn predictions(case: &Case) -> Predictions {
    let names = (0..case.figures.confusion.len()).map(|class| format!("class {class}")).collect();
    Predictions::new(names, case.labels.clone(), case.probabilities.clone()).unwrap()
}

#[track_caller]
fn assert_close(found: impl Into<Option<f64>>, expected: impl Into<Option<f64>>, tolerance: f64) {
    let (found, expected) = (found.into(), expected.into());
    let close = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= tolerance,
        (found, expected) => found == expected,
    };
    assert!(close, "{found:?} is not {expected:?}");
}

#[track_caller]
fn assert_scores(found: &Scores, expected: &ExpectedScores) {
    assert_close(found.precision, expected.precision, COUNTED);
    assert_close(found.recall, expected.recall, COUNTED);
    assert_close(found.f1, expected.f1, COUNTED);
    assert_eq!(found.support, expected.support);
}

#[track_caller]
fn assert_points(found: impl Iterator<Item = (f64, f64)>, expected: &[(f64, f64)]) {
    let found: Vec<(f64, f64)> = found.collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_close(found.0, expected.0, COUNTED);
        assert_close(found.1, expected.1, COUNTED);
    }
}

#[test]
fn counts_are_those_of_scikit_learn() {
    for case in fixture().cases {
        let confusion = ConfusionMatrix::of(&predictions(&case));
        for (label, row) in case.figures.confusion.iter().enumerate() {
            for (predicted, count) in row.iter().enumerate() {
                assert_eq!(confusion.count(label, predicted), *count, "{}", case.name);
            }
        }
    }
}

#[test]
fn shares_of_images_are_those_of_scikit_learn() {
    for case in fixture().cases {
        let (metrics, expected) = (Metrics::of(&predictions(&case)), &case.figures);
        assert_eq!((metrics.images, metrics.correct), (case.labels.len(), expected.correct));
        assert_close(metrics.accuracy, expected.accuracy, COUNTED);
        assert_close(metrics.error, 1.0 - expected.accuracy, COUNTED);
        assert_close(metrics.top_2_accuracy, expected.top_2_accuracy, COUNTED);
        assert_close(metrics.top_3_accuracy, expected.top_3_accuracy, COUNTED);
    }
}

#[test]
fn precision_recall_and_f1_are_those_of_scikit_learn() {
    for case in fixture().cases {
        let metrics = Metrics::of(&predictions(&case));
        for (found, expected) in metrics.classes.iter().zip(&case.figures.classes) {
            assert_scores(&found.scores, expected);
        }
        let (found, expected) = (metrics.averages.unwrap(), &case.figures.averages);
        assert_scores(&found.macro_average, &expected.macro_average);
        assert_scores(&found.micro_average, &expected.micro_average);
        assert_scores(&found.weighted_average, &expected.weighted);
    }
}

#[test]
fn scores_of_probabilities_are_those_of_scikit_learn() {
    for case in fixture().cases {
        let (metrics, expected) = (Metrics::of(&predictions(&case)), &case.figures);
        assert_close(metrics.cross_entropy, expected.cross_entropy, COMPUTED);
        assert_close(metrics.brier_score, expected.brier_score, COMPUTED);
        assert_close(metrics.matthews_correlation, expected.matthews_correlation, COMPUTED);
    }
}

#[test]
fn calibration_is_that_of_numpy() {
    for case in fixture().cases {
        let (found, expected) = (Calibration::of(&predictions(&case)), &case.figures);
        assert_close(found.expected_error, expected.expected_calibration_error, COMPUTED);
        assert_eq!(found.bins.len(), expected.calibration_bins.len());
        for (found, expected) in found.bins.iter().zip(&expected.calibration_bins) {
            assert_eq!(found.count, expected.count);
            assert_close(found.mean_confidence, expected.mean_confidence, COMPUTED);
            assert_close(found.accuracy, expected.accuracy, COUNTED);
        }
    }
}

#[test]
fn areas_and_average_precisions_are_those_of_scikit_learn() {
    for case in fixture().cases {
        let (metrics, expected) = (Metrics::of(&predictions(&case)), &case.figures);
        for (class, found) in metrics.classes.iter().enumerate() {
            assert_close(found.auc, expected.auc.classes[class], COMPUTED);
            let average_precision = expected.average_precision.classes[class];
            assert_close(found.average_precision, average_precision, COMPUTED);
        }
        for (found, expected) in
            [(metrics.auc, &expected.auc), (metrics.average_precision, &expected.average_precision)]
        {
            assert_close(found.macro_average, expected.macro_average, COMPUTED);
            assert_close(found.micro_average, expected.micro_average, COMPUTED);
        }
    }
}

#[test]
fn points_of_curves_are_those_of_scikit_learn() {
    let mut compared = 0;
    for case in fixture().cases {
        let Some(expected) = &case.curves else { continue };
        let found = Curves::of(&predictions(&case));
        let classes = found.classes.iter().zip(&expected.classes);
        let micro = (&found.micro, Some(&expected.micro));
        for (found, expected) in classes
            .map(|(found, expected)| (found, expected.as_ref()))
            .chain(std::iter::once(micro))
        {
            assert_eq!(found.is_some(), expected.is_some());
            if let (Some(found), Some(expected)) = (found, expected) {
                assert_curves(found, expected);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 4, "three classes and the micro average");
}

#[track_caller]
fn assert_curves(found: &BinaryCurves, expected: &ExpectedBinaryCurves) {
    let roc = found.roc.points.iter();
    assert_points(
        roc.map(|point| (point.false_positive_rate, point.true_positive_rate)),
        &expected.roc,
    );
    let precision_recall = found.precision_recall.points.iter();
    assert_points(
        precision_recall.map(|point| (point.recall, point.precision)),
        &expected.precision_recall,
    );
}

#[test]
fn interval_is_that_of_statsmodels() {
    for case in fixture().cases {
        let interval = Metrics::of(&predictions(&case)).accuracy_interval;
        let Interval { low, high } = interval.unwrap();
        assert_close(low, case.figures.accuracy_interval.low, COMPUTED);
        assert_close(high, case.figures.accuracy_interval.high, COMPUTED);
    }
}

#[test]
fn mcnemar_is_that_of_statsmodels() {
    for case in fixture().mcnemar {
        let first = [vec![true; case.only_first], vec![false; case.only_second]].concat();
        let second: Vec<bool> = first.iter().map(|right| !right).collect();
        let found = McNemar::test(&first, &second).unwrap();
        assert_eq!(found.exact, case.exact);
        assert_close(found.p_value, case.p_value, COMPUTED);
    }
}
