//! Compares the multi-label figures with scikit-learn; `fixture/make_multi_label.py` writes what it
//! computes.
#![allow(clippy::unwrap_used)]

use metrics::{MultiLabelMetrics, MultiLabelPredictions, Scores, best_f1_thresholds};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    labels: Vec<Vec<usize>>,
    probabilities: Vec<f64>,
    thresholds: Vec<f64>,
    figures: Figures,
}

#[derive(Deserialize)]
struct Figures {
    accuracy: f64,
    hamming_loss: f64,
    binary_cross_entropy: f64,
    macro_average_precision: f64,
    micro_average_precision: f64,
    #[serde(rename = "macro")]
    macro_average: [f64; 3],
    #[serde(rename = "micro")]
    micro_average: [f64; 3],
    classes: Vec<(f64, f64, f64, usize)>,
    average_precision: Vec<Option<f64>>,
}

fn cases() -> Vec<Case> {
    let fixture: Fixture = serde_json::from_str(include_str!("fixture/multi_label.json")).unwrap();
    fixture.cases
}

impl Case {
    fn predictions(&self) -> MultiLabelPredictions {
        let names = (0..self.thresholds.len()).map(|class| class.to_string()).collect();
        MultiLabelPredictions::new(names, &self.labels, self.probabilities.clone()).unwrap()
    }

    fn assert_close(&self, figure: &str, found: Option<f64>, expected: f64) {
        let off = (found.unwrap() - expected).abs();
        assert!(off < 1e-9, "{}: {figure} is {found:?} instead of {expected}", self.name);
    }

    fn assert_scores(&self, of: &str, found: &Scores, expected: [f64; 3]) {
        self.assert_close(&format!("precision of {of}"), Some(found.precision), expected[0]);
        self.assert_close(&format!("recall of {of}"), Some(found.recall), expected[1]);
        self.assert_close(&format!("F1 of {of}"), Some(found.f1), expected[2]);
    }
}

#[test]
fn all_figures_are_those_of_scikit_learn() {
    for case in cases() {
        let metrics = MultiLabelMetrics::of(&case.predictions(), &case.thresholds);
        let expected = &case.figures;
        case.assert_close("accuracy", metrics.accuracy, expected.accuracy);
        case.assert_close("Hamming loss", metrics.hamming_loss, expected.hamming_loss);
        let entropy = metrics.binary_cross_entropy;
        case.assert_close("cross-entropy", entropy, expected.binary_cross_entropy);
        let precision = metrics.average_precision;
        case.assert_close("macro AP", precision.macro_average, expected.macro_average_precision);
        case.assert_close("micro AP", precision.micro_average, expected.micro_average_precision);
        let averages = metrics.averages.unwrap();
        case.assert_scores("the macro average", &averages.macro_average, expected.macro_average);
        case.assert_scores("the micro average", &averages.micro_average, expected.micro_average);
        assert_eq!(metrics.classes.len(), expected.classes.len());
        for (index, class) in metrics.classes.iter().enumerate() {
            let (precision, recall, f1, support) = expected.classes[index];
            case.assert_scores(&class.name, &class.scores, [precision, recall, f1]);
            assert_eq!(class.scores.support, support);
            match expected.average_precision[index] {
                Some(expected) => case.assert_close("AP", class.average_precision, expected),
                None => assert_eq!(class.average_precision, None),
            }
        }
    }
}

#[test]
fn no_other_threshold_has_a_higher_f1() {
    for case in cases() {
        let predictions = case.predictions();
        let best = best_f1_thresholds(&predictions);
        let f1 = |thresholds: &[f64]| -> Vec<f64> {
            let metrics = MultiLabelMetrics::of(&predictions, thresholds);
            metrics.classes.iter().map(|class| class.scores.f1).collect()
        };
        let highest = f1(&best);
        for step in 0..=100 {
            let other = f1(&vec![f64::from(step) / 100.0; best.len()]);
            for (class, (highest, other)) in highest.iter().zip(other).enumerate() {
                assert!(*highest >= other - 1e-12, "{}: class {class} at {step} %", case.name);
            }
        }
    }
}
