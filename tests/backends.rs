//! Every backend that is compiled in trains, and gives matching results.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;

use harness::{Workplace, json, succeed};

/// The backends that this build has and this machine can run.
fn backends() -> Vec<String> {
    let listed = succeed(&["devices"]).stdout;
    let usable = listed
        .lines()
        .filter(|line| !line.contains("not compiled in") && !line.contains("no device found"));
    usable.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// The probabilities in a predictions file, row by row.
fn probabilities(csv: &str) -> Vec<Vec<f64>> {
    let rows = csv.lines().skip(1);
    rows.map(|row| row.split(',').skip(4).map(|p| p.parse().unwrap()).collect()).collect()
}

#[test]
fn every_backend_that_is_asked_for_is_there() {
    // CI sets this to what it has built, so that a backend that stopped working is not skipped.
    let Ok(expected) = std::env::var("GLYPH_TEST_BACKENDS") else { return };
    let found = backends();
    for name in expected.split(',') {
        assert!(found.iter().any(|found| found == name), "no {name} among {found:?}");
    }
}

#[test]
fn every_backend_trains() {
    for backend in backends() {
        let place = Workplace::new();
        let run = place.smoke("run", &["--device", &backend]);
        let report = json(&run.join("report.json"));
        assert_eq!(report["backend"], backend.as_str());
        let accuracy = report["test"]["accuracy"].as_f64().unwrap();
        assert!(accuracy > 0.2, "{backend}: {accuracy}");
    }
}

#[test]
fn a_model_answers_alike_on_every_backend() {
    let place = Workplace::new();
    place.smoke("run", &["--set", "train.epochs=3"]);
    let model = place.argument("run");
    let mut answers = Vec::new();
    for backend in backends() {
        let output = place.argument("evaluation");
        let fixed = ["evaluate", &model, "--set", "dataset.test_images=1000"];
        succeed(&[&fixed[..], &["--device", &backend, "--output", &output]].concat());
        let table = fs::read_to_string(place.path("evaluation/predictions.csv")).unwrap();
        answers.push((backend, table));
    }
    let (first, reference) = &answers[0];
    let classes = |csv: &str| -> Vec<String> {
        csv.lines().skip(1).map(|row| row.split(',').nth(2).unwrap().to_owned()).collect()
    };
    assert_eq!(classes(reference).len(), 1000);
    for (backend, table) in &answers[1..] {
        assert_eq!(classes(table), classes(reference), "classes on {backend} and {first}");
        let rows = probabilities(table).into_iter().zip(probabilities(reference));
        let pairs = rows.flat_map(|(left, right)| left.into_iter().zip(right));
        let largest = pairs.map(|(left, right)| (left - right).abs()).fold(0.0, f64::max);
        assert!(largest <= 1e-4, "{backend} and {first} differ by {largest}");
    }
}

#[test]
fn without_a_wish_a_working_device_is_chosen() {
    let place = Workplace::new();
    let chosen = json(&place.smoke("run", &[]).join("report.json"))["backend"].clone();
    assert!(backends().iter().any(|backend| chosen == backend.as_str()), "{chosen}");
}
