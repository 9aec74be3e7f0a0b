//! A stored model, evaluated again.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;

use harness::{Workplace, fail, json, succeed};

#[test]
fn evaluating_again_gives_the_figures_of_the_run() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let (model, output) = (place.argument("run"), place.argument("evaluation"));
    let ended = succeed(&["evaluate", &model, "--format", "json", "--output", &output]);
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let report = json(&run.join("report.json"));
    for figure in ["accuracy", "loss", "images"] {
        assert_eq!(answer[figure], report["test"][figure], "{figure}");
    }
    assert_eq!(answer["metrics"], report["metrics"]);
    let evaluation = place.path("evaluation");
    assert_eq!(json(&evaluation.join("report.json"))["metrics"], report["metrics"]);
    for file in ["predictions.csv", "plots/confusion_matrix.png", "plots/tsne.png"] {
        let same = fs::read(evaluation.join(file)).unwrap() == fs::read(run.join(file)).unwrap();
        assert!(same, "{file}");
    }
    assert!(evaluation.join("plots/learning_curves.png").exists());
}

#[test]
fn a_report_holds_the_figures_and_every_picture() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    let metrics = &json(&run.join("report.json"))["metrics"];
    let accuracy = format!("{:.2} %", 100.0 * metrics["accuracy"].as_f64().unwrap());
    assert!(page.contains(&accuracy), "{accuracy}");
    let plots: Vec<_> = fs::read_dir(run.join("plots")).unwrap().collect();
    assert_eq!(page.matches("data:image/png").count(), plots.len());
    for plot in plots {
        let picture = image::open(plot.unwrap().path()).unwrap();
        assert_eq!(picture.width(), 1600);
    }
    // Nothing is fetched from elsewhere.
    assert!(!page.contains("src=\"http") && !page.contains("<link") && !page.contains("<script"));
}

#[test]
fn the_released_model_is_as_good_as_its_report_says() {
    let ended = succeed(&["evaluate", "artifacts/cnn", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let report = json(&harness::root().join("artifacts/cnn/report.json"));
    assert_eq!(answer["accuracy"], report["test"]["accuracy"]);
    assert_eq!(answer["images"], 10_000);
}

#[test]
fn the_confusion_matrix_counts_every_image_once() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let metrics = &json(&run.join("report.json"))["metrics"];
    let supports = metrics["classes"].as_array().unwrap().iter();
    let images: u64 = supports.map(|class| class["support"].as_u64().unwrap()).sum();
    assert_eq!(Some(images), metrics["images"].as_u64());
    let rows = fs::read_to_string(run.join("predictions.csv")).unwrap().lines().count() as u64;
    assert_eq!(images, rows - 1);
}

#[test]
fn the_report_of_a_training_is_not_overwritten() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let before = fs::read(run.join("report.json")).unwrap();
    let model = place.argument("run");
    let message = fail(1, &["evaluate", &model, "--output", &model]);
    assert!(message.contains("holds a model"), "{message}");
    assert_eq!(fs::read(run.join("report.json")).unwrap(), before);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let in_the_way = place.write("file", "");
    let message =
        fail(1, &["evaluate", &place.argument("run"), "--output", &format!("{in_the_way}/x")]);
    assert!(message.contains(&in_the_way), "{message}");
}

/// IDX files of four images of 4×5 pixels in `data`.
fn small_idx_files(place: &Workplace) {
    let images = [&[0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 5][..], &[9; 80]].concat();
    for split in ["train", "t10k"] {
        place.write(&format!("data/{split}-images-idx3-ubyte"), &images);
        place.write(
            &format!("data/{split}-labels-idx1-ubyte"),
            [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 3],
        );
    }
}

#[test]
fn another_data_set_is_taken_if_it_fits_and_refused_with_both_sizes_if_not() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let model = place.argument("run");
    let smoke = fs::read_to_string(harness::root().join("configs/smoke.toml")).unwrap();
    let fewer = place.write("fewer.toml", smoke.replace("test_images = 500", "test_images = 100"));
    let ended = succeed(&["evaluate", &model, "--data", &fewer]);
    assert!(ended.stdout.contains("of 100 images wrong"), "{}", ended.stdout);

    small_idx_files(&place);
    let other = place.write("other.toml", "[dataset]\nsource = \"idx\"\npath = \"data\"\n");
    let message = fail(1, &["evaluate", &model, "--data", &other]);
    assert!(message.contains("1×28×28") && message.contains("1×4×5"), "{message}");
}

#[test]
fn kernels_of_all_processors_and_burns_own_operations_answer_alike() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let evaluate = |kernels: &str| {
        let model = place.argument("run");
        let ended = succeed(&["evaluate", &model, "--format", "json", "--kernels", kernels]);
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
    // How much higher the loss is than the training's, whose logits have no temperature.
    let difference = || {
        let ended = succeed(&["evaluate", &model, "--split", "validation", "--format", "json"]);
        let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let report = json(&run.join("report.json"));
        assert_eq!(answer["accuracy"], report["validation"]["accuracy"]);
        answer["loss"].as_f64().unwrap() - report["validation"]["loss"].as_f64().unwrap()
    };
    // The temperature is that with the lowest loss on these images.
    assert!(difference() < 1e-5, "{}", difference());
    let mut card = json(&run.join("model.json"));
    assert!(card.as_object_mut().unwrap().remove("calibration").is_some());
    fs::write(run.join("model.json"), card.to_string()).unwrap();
    assert!(difference().abs() < 1e-5, "{}", difference());
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
    let message = fail(2, &["evaluate", &place.argument("absent")]);
    assert!(message.contains("absent") && message.contains("no such model"), "{message}");
    fs::create_dir(place.path("empty")).unwrap();
    let message = fail(1, &["evaluate", &place.argument("empty")]);
    assert!(message.contains("empty") && message.contains("model.json"), "{message}");
}

#[test]
fn images_that_do_not_fit_the_model_are_refused_with_both_shapes() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    small_idx_files(&place);
    let files = format!("dataset={{source='idx', path='{}'}}", place.argument("data"));
    let message = fail(1, &["evaluate", &place.argument("run"), "--set", &files]);
    assert!(message.contains("1×28×28") && message.contains("1×4×5"), "{message}");
}

#[test]
fn classes_of_other_names_are_reported() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let names = "dataset.class_names=['a','b','c','d','e','f','g','h','i','j']";
    let message = succeed(&["evaluate", &place.argument("run"), "--set", names]).stderr;
    assert!(message.contains("[0, 1, 2,") && message.contains("[a, b, c,"), "{message}");
}

#[test]
fn corruptions_are_measured_by_kind_and_severity() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let (model, output) = (place.argument("run"), place.argument("evaluation"));
    let evaluate = |more: &[&str]| {
        let few = ["--corruptions", "--set", "dataset.test_images=40", "--quiet"];
        succeed(&[&["evaluate", &model], &few[..], more].concat()).stdout
    };
    let stdout = evaluate(&["--format", "json", "--output", &output]);
    let answer: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let corruptions = &answer["corruptions"];
    assert_eq!(corruptions["clean_accuracy"], answer["accuracy"]);
    let kinds = corruptions["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 24);
    let mut sum = 0.0;
    for kind in kinds {
        let accuracy = kind["accuracy"].as_array().unwrap();
        let of_kind: f64 = accuracy.iter().map(|share| share.as_f64().unwrap()).sum();
        assert!(accuracy.len() == 5 && (0.0..=5.0).contains(&of_kind), "{kind}");
        sum += of_kind;
    }
    let mean = corruptions["mean"].as_f64().unwrap();
    assert!((mean - sum / 120.0).abs() < 1e-9, "{mean}");
    // The smoke config rotates, translates, distorts and erases.
    let trained_with = |name: &str| {
        let kind = kinds.iter().find(|kind| kind["name"] == name).unwrap();
        kind["trained_with"].clone()
    };
    assert_eq!(trained_with("rotation"), serde_json::json!(["rotate"]));
    assert_eq!(trained_with("fog"), serde_json::json!([]));
    let unseen = &corruptions["unseen"];
    assert_eq!(unseen["kinds"], 24 - 5, "all but rotation, translation, elastic, glass, block");
    assert_eq!(corruptions["worst"]["severity"], 3);
    let evaluation = place.path("evaluation");
    assert_eq!(&json(&evaluation.join("report.json"))["corruptions"], corruptions);
    let page = fs::read_to_string(evaluation.join("report.html")).unwrap();
    assert!(page.contains("Corruptions</h2>") && page.contains("Gaussian\u{a0}noise"));
    for plot in ["corruption_curves.png", "corruption_samples.png"] {
        assert!(evaluation.join("plots").join(plot).exists(), "{plot}");
    }

    let table = evaluate(&[]);
    assert!(table.contains("worst at severity 3: "), "{table}");
    assert!(table.contains("mean over 19 kinds"), "{table}");
    assert_eq!(table, evaluate(&[]), "the same images every time");
}

#[test]
fn corruptions_of_a_model_without_its_config_leave_out_what_it_was_trained_with() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    fs::remove_file(run.join("config.toml")).unwrap();
    let data = ["--data", "configs/smoke.toml", "--set", "dataset.test_images=20"];
    let model = place.argument("run");
    let ended = succeed(&[&["evaluate", &model, "--corruptions"], &data[..]].concat());
    assert!(ended.stderr.contains("config.toml: not found"), "{}", ended.stderr);
    assert!(ended.stdout.contains("fog"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("trained with"), "{}", ended.stdout);
}
