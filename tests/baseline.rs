//! `glyph baseline`: a linear classifier on hand-made features of the same images.
#![allow(clippy::unwrap_used)]

mod harness;

use harness::{Workplace, fail, json, succeed};
use serde_json::Value;

const FEW: [&str; 6] = [
    "--set",
    "dataset.train_images=1200",
    "--set",
    "dataset.validation=200",
    "--set",
    "dataset.test_images=500",
];

fn baseline(features: &str, more: &[&str]) -> Value {
    let arguments = [
        &["baseline", "configs/cnn.toml", "--features", features, "--format", "json"],
        &FEW[..],
        more,
    ]
    .concat();
    serde_json::from_str(&succeed(&arguments).stdout).unwrap()
}

#[test]
fn histograms_of_gradients_beat_pixels() {
    let accuracy = |features| baseline(features, &[])["accuracy"].as_f64().unwrap();
    let (pixels, gradients) = (accuracy("pixels"), accuracy("hog"));
    assert!(pixels > 0.7 && gradients > 0.9 && gradients > pixels, "{pixels} {gradients}");
}

#[test]
fn every_kind_of_features_is_reported_with_its_length() {
    for (features, length) in [("edges", 784), ("lbp", 1475)] {
        let answer = baseline(features, &[]);
        assert_eq!((&answer["features"], &answer["length"]), (&features.into(), &length.into()));
        assert_eq!(answer["images"], 500);
    }
}

#[test]
fn the_report_is_that_of_every_other_model() {
    let place = Workplace::new();
    let output = place.argument("report");
    let answer = baseline("hog", &["--output", &output]);
    let stored = json(&place.path("report/report.json"));
    assert_eq!(stored["accuracy"], answer["accuracy"]);
    for file in ["report.html", "predictions.csv", "plots/confusion_matrix.png", "plots/pca.png"] {
        assert!(place.path("report").join(file).is_file(), "{file}");
    }
}

#[test]
fn unknown_features_list_those_there_are() {
    let message = fail(2, &["baseline", "configs/cnn.toml", "--features", "sift"]);
    assert!(message.contains("pixels, edges, lbp, hog"), "{message}");
}
