//! A stored model, evaluated again.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;

use harness::{Workplace, fail, json, succeed};

#[test]
fn evaluating_again_gives_the_figures_of_the_run() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let table = place.argument("table.csv");
    let model = place.argument("run");
    let ended = succeed(&["evaluate", &model, "--json", "--predictions", &table]);
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let report = json(&run.join("report.json"));
    for figure in ["accuracy", "loss", "images"] {
        assert_eq!(answer[figure], report["test"][figure], "{figure}");
    }
    assert_eq!(fs::read(table).unwrap(), fs::read(run.join("predictions.csv")).unwrap());
}

#[test]
fn kernels_of_all_processors_and_burns_own_operations_answer_alike() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let evaluate = |kernels: &str| {
        let model = place.argument("run");
        let ended = succeed(&["evaluate", &model, "--json", "--kernels", kernels]);
        let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(answer["images_per_second"].as_f64().unwrap() > 0.0);
        (answer["accuracy"].clone(), answer["loss"].as_f64().unwrap())
    };
    let (accuracy, loss) = evaluate("auto");
    for kernels in ["portable", "off"] {
        let other = evaluate(kernels);
        assert_eq!(accuracy, other.0, "{kernels}");
        assert!((loss - other.1).abs() < 1e-5, "{kernels}: {loss} and {}", other.1);
    }
}

#[test]
fn validation_is_evaluated_on_what_was_held_out() {
    let place = Workplace::new();
    let run = place.smoke("run", &["--set", "loss={}"]);
    let model = place.argument("run");
    let ended = succeed(&["evaluate", &model, "--split", "validation", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let report = json(&run.join("report.json"));
    assert_eq!(answer["accuracy"], report["validation"]["accuracy"]);
    let difference =
        answer["loss"].as_f64().unwrap() - report["validation"]["loss"].as_f64().unwrap();
    assert!(difference.abs() < 1e-5, "{difference}");
}

#[test]
fn damaged_weights_are_refused_by_name() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let mut weights = harness::weights(&run);
    let last = weights.len() - 1;
    weights[last] ^= 1;
    fs::write(run.join("model.bpk"), weights).unwrap();
    let message = fail(1, &["evaluate", &place.argument("run")]);
    assert!(message.contains("model.bpk") && message.contains("SHA-256"), "{message}");
}

#[test]
fn a_folder_without_a_model_is_refused_by_name() {
    let place = Workplace::new();
    let message = fail(1, &["evaluate", &place.argument("absent")]);
    assert!(message.contains("absent") && message.contains("model.json"), "{message}");
}

#[test]
fn images_that_do_not_fit_the_model_are_refused_with_both_shapes() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let data = place.argument("data");
    for class in ["a", "b"] {
        for (split, name) in [("train", "1"), ("train", "2"), ("test", "1")] {
            let path = place.path(&format!("data/{split}/{class}"));
            fs::create_dir_all(&path).unwrap();
            let picture = image::GrayImage::new(5, 4);
            picture.save(path.join(format!("{name}.png"))).unwrap();
        }
    }
    let folder = format!("dataset={{name='folder', path='{data}', validation=2}}");
    let message = fail(1, &["evaluate", &place.argument("run"), "--set", &folder]);
    assert!(message.contains("1×28×28") && message.contains("1×4×5"), "{message}");
}

#[test]
fn classes_of_other_names_are_refused() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let names = "dataset.class_names=['a','b','c','d','e','f','g','h','i','j']";
    let message = fail(1, &["evaluate", &place.argument("run"), "--set", names]);
    assert!(message.contains("[0, 1, 2,") && message.contains("[a, b, c,"), "{message}");
}
