//! Compares confident learning with cleanlab; `fixture/make_cleanlab.py` writes what it computes.
#![allow(clippy::unwrap_used)]

use metrics::{
    ConfidentJoint, Predictions, Pruning, auroc, label_issues, normalized_margin, precision_at,
    self_confidence,
};
use serde::Deserialize;

const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    classes: usize,
    labels: Vec<usize>,
    is_wrong: Vec<bool>,
    probabilities: Vec<f64>,
    thresholds: Vec<Option<f64>>,
    confident_joint: Vec<Vec<usize>>,
    noise_matrix: Vec<Vec<f64>>,
    normalized_margin: Vec<f64>,
    self_confidence: Vec<f64>,
    prune_by_noise_rate: Vec<usize>,
    both: Vec<usize>,
    auroc_of_margin: f64,
}

impl Case {
    fn predictions(&self) -> Predictions {
        let names = (0..self.classes).map(|class| format!("class {class}")).collect();
        Predictions::new(names, self.labels.clone(), self.probabilities.clone()).unwrap()
    }
}

fn cases() -> Vec<Case> {
    let fixture: Fixture = serde_json::from_str(include_str!("fixture/cleanlab.json")).unwrap();
    fixture.cases
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= TOLERANCE, "{found} is not {expected}");
}

#[test]
fn scores_of_labels_are_those_of_cleanlab() {
    for case in cases() {
        let predictions = case.predictions();
        for image in 0..predictions.len() {
            assert_close(normalized_margin(&predictions, image), case.normalized_margin[image]);
            assert_close(self_confidence(&predictions, image), case.self_confidence[image]);
        }
    }
}

#[test]
fn the_confident_joint_is_that_of_cleanlab() {
    for case in cases() {
        let joint = ConfidentJoint::of(&case.predictions());
        for (found, expected) in joint.thresholds().iter().zip(&case.thresholds) {
            assert_eq!(found.is_some(), expected.is_some(), "{}", case.name);
            assert_close(found.unwrap_or(0.0), expected.unwrap_or(0.0));
        }
        for (given, row) in joint.noise_matrix().iter().enumerate() {
            for (actual, &share) in row.iter().enumerate() {
                let count = joint.count(given, actual);
                assert_eq!(count, case.confident_joint[given][actual], "{}", case.name);
                assert_close(share, case.noise_matrix[given][actual]);
            }
        }
    }
}

#[test]
fn issues_and_their_order_are_those_of_cleanlab() {
    for case in cases() {
        let predictions = case.predictions();
        let joint = ConfidentJoint::of(&predictions);
        for (pruning, expected) in
            [(Pruning::NoiseRate, &case.prune_by_noise_rate), (Pruning::Both, &case.both)]
        {
            let issues = label_issues(&predictions, &joint, pruning);
            let found: Vec<usize> = issues.iter().map(|issue| issue.image).collect();
            assert_eq!(found, *expected, "{}, {pruning:?}", case.name);
        }
    }
}

#[test]
fn the_area_under_the_curve_is_that_of_scikit_learn() {
    for case in cases() {
        let predictions = case.predictions();
        let scores: Vec<f64> =
            (0..predictions.len()).map(|image| -normalized_margin(&predictions, image)).collect();
        assert_close(auroc(&scores, &case.is_wrong).unwrap(), case.auroc_of_margin);
        let wrong = case.is_wrong.iter().filter(|wrong| **wrong).count();
        assert!(precision_at(&scores, &case.is_wrong, wrong) > Some(0.5), "{}", case.name);
    }
}
