//! Images with any number of classes: training, resuming, evaluating, predicting, serving.
#![allow(clippy::unwrap_used)]

mod harness;
#[path = "harness/labelled_pictures.rs"]
mod labelled_pictures;
#[path = "harness/service.rs"]
mod service;

use std::fs;
use std::path::Path;

use harness::{Workplace, fail, json, succeed, weights};
use labelled_pictures::{CLASSES, classes_of, write_pictures};
use serde_json::Value;
use service::Server;

/// A network that finds the bright squares of `write_pictures`.
const NETWORK: &str = r#"
[[model.layers]]
type = "flatten"

[[model.layers]]
type = "linear"
features = 3

[optimizer]
type = "adam"
learning_rate = 0.02

[train]
epochs = 8
batch_size = 20
"#;

const TASK: &str = "[task]\nkind = \"multi_label\"\n";

/// A config for 200 training and 50 test pictures; `head` comes first.
fn config(place: &Workplace, name: &str, head: &str) -> String {
    if !place.path("pictures").is_dir() {
        write_pictures(&place.path("pictures"), [200, 50], 12, 12);
    }
    let dataset = "[dataset]\nsource = \"folder\"\npath = \"pictures\"\nvalidation = 50\n";
    place.write(name, format!("{head}{dataset}{NETWORK}"))
}

/// A trained model.
fn trained(place: &Workplace) -> String {
    let run = place.argument("run");
    succeed(&["train", &config(place, "config.toml", TASK), "--output", &run, "--quiet"]);
    run
}

#[test]
fn a_multi_label_model_is_trained_tested_and_reported() {
    let place = Workplace::new();
    let run = trained(&place);
    let report = json(&place.path("run/report.json"));
    let (test, metrics) = (&report["test"], &report["metrics"]);
    assert!(test["accuracy"].as_f64().unwrap() > 0.9, "{test}");
    assert_eq!((&test["accuracy"], &test["images"]), (&metrics["accuracy"], &50.into()));
    assert!(metrics["average_precision"]["macro"].as_f64().unwrap() > 0.95, "{metrics}");
    let card = json(&place.path("run/model.json"));
    let thresholds = card["multi_label"]["thresholds"].as_array().unwrap();
    assert_eq!(thresholds.len(), CLASSES.len());
    assert_eq!(metrics["classes"][2]["threshold"], thresholds[2]);
    let predictions = fs::read_to_string(place.path("run/predictions.csv")).unwrap();
    assert!(predictions.starts_with("index,file,labels,predicted_labels,p_0,p_1,p_2\n"));
    assert!(predictions.contains("test/0003.png"), "{predictions}");
    let page = fs::read_to_string(place.path("run/report.html")).unwrap();
    assert!(page.contains("mean average precision") && page.contains("threshold"));
    assert!(place.path("run/plots/precision_recall_curves.png").is_file());

    let evaluated =
        succeed(&["evaluate", &run, "--format", "json", "-o", &place.argument("again")]);
    let evaluated: Value = serde_json::from_str(&evaluated.stdout).unwrap();
    assert_eq!(evaluated["metrics"], *metrics);
    assert_eq!(fs::read_to_string(place.path("again/predictions.csv")).unwrap(), predictions);
    let table = succeed(&["evaluate", &run]).stdout;
    assert!(table.contains("mean average precision") && table.contains("micro average"), "{table}");
    let folder = place.argument("pictures");
    let data = ["evaluate", &run, "--data", &folder, "--split", "test", "--format", "json"];
    let data: Value = serde_json::from_str(&succeed(&data).stdout).unwrap();
    assert_eq!(data["metrics"], *metrics);
}

#[test]
fn prediction_gives_the_labels_of_the_evaluation_in_every_form() {
    let place = Workplace::new();
    let run = trained(&place);
    let table = fs::read_to_string(place.path("run/predictions.csv")).unwrap();
    let folder = place.path("pictures/test");
    let predict = |more: &[&str]| {
        let fixed = ["predict", folder.to_str().unwrap(), "--model", &run];
        succeed(&[&fixed, more].concat()).stdout
    };
    let lines = predict(&["--format", "json"]);
    assert_eq!(lines.lines().count(), 50);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let file = Path::new(line["file"].as_str().unwrap()).file_name().unwrap();
        let name = format!(",test/{},", file.display());
        let row = table.lines().find(|row| row.contains(&name)).unwrap();
        let expected: Vec<&str> = row.split(',').nth(3).unwrap().split(';').collect();
        let labels = line["labels"].as_array().unwrap();
        let mut found: Vec<&str> =
            labels.iter().map(|label| label["class"].as_str().unwrap()).collect();
        found.sort_unstable();
        let expected = if expected == [""] { Vec::new() } else { expected };
        assert_eq!(found, expected, "{row}");
    }
    let csv = predict(&["--format", "csv"]);
    assert!(csv.starts_with("file,labels,probabilities,reason,class_1,probability_1\n"), "{csv}");
    let nothing = predict(&["--threshold", "1"]);
    assert!(nothing.lines().all(|line| line.ends_with(".png: none")), "{nothing}");
    let all = predict(&["--threshold", "0"]);
    assert!(all.lines().all(|line| line.matches('%').count() == CLASSES.len()), "{all}");
}

#[test]
fn corruptions_are_refused_for_a_multi_label_model() {
    let place = Workplace::new();
    let message = fail(2, &["evaluate", &trained(&place), "--corruptions"]);
    assert!(message.contains("--corruptions") && message.contains("leave it out"), "{message}");
}

#[test]
fn an_interrupted_multi_label_run_resumes_to_the_same_weights() {
    let place = Workplace::new();
    let config = config(&place, "config.toml", TASK);
    let (whole, parts) = (place.argument("whole"), place.argument("parts"));
    succeed(&["train", &config, "--output", &whole, "--quiet"]);
    // A checkpoint after every step, so that there is one as soon as a step is taken.
    let slow = ["--checkpoint-minutes", "0", "--quiet"];
    let arguments = [&["train", &config, "--output", &parts], &slow[..]].concat();
    let mut child = harness::glyph(&arguments).spawn().unwrap();
    let checkpoints = place.path("parts/checkpoints");
    let has_checkpoint =
        || fs::read_dir(&checkpoints).is_ok_and(|mut entries| entries.next().is_some());
    while !has_checkpoint() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    // If it has ended by now, resuming finds nothing left to train, and the weights are the same too.
    let _ = child.kill();
    child.wait().unwrap();
    succeed(&["train", "--resume", &parts, "--quiet"]);
    assert_eq!(weights(&place.path("parts")), weights(&place.path("whole")));
    let [card, resumed] = ["whole", "parts"].map(|run| json(&place.path(run).join("model.json")));
    assert_eq!(card, resumed);
}

#[test]
fn the_server_answers_with_several_labels() {
    let place = Workplace::new();
    let run = trained(&place);
    let server = Server::start(&["--model", &run]);
    let picture = (0..50).find(|&number| classes_of(200 + number).len() == 2).unwrap();
    let picture = fs::read(place.path(&format!("pictures/test/{picture:04}.png"))).unwrap();
    let answer = server.post("/api/predict", &picture).answer();
    let labels = answer["labels"].as_array().unwrap();
    let names: Vec<&str> = labels.iter().map(|label| label["class"].as_str().unwrap()).collect();
    assert_eq!(answer["answer"], names.join(";"));
    assert_eq!((names.len(), &answer["rejected"]), (2, &false.into()));
    assert_eq!(server.get("/api/model").json()["multi_label"], true);
    let all = server.post("/api/predict?threshold=0", &picture).answer();
    assert_eq!(all["labels"].as_array().unwrap().len(), CLASSES.len());
    let refused = server.post("/api/read", &picture);
    assert!(refused.problem(422).contains("any number of classes"));
}

#[test]
fn labels_and_task_that_do_not_match_are_refused_with_the_remedy() {
    let place = Workplace::new();
    let output = place.argument("refused");
    let without = config(&place, "without.toml", "");
    let message = fail(2, &["train", &without, "--output", &output]);
    assert!(message.contains("classes (") && message.contains("task.kind = \"multi_label\""));
    let mnist = place.write(
        "mnist.toml",
        format!("{TASK}[dataset]\nsource = \"mnist\"\nvalidation = 100\n{NETWORK}"),
    );
    let message = fail(2, &["train", &mnist, "--output", &output]);
    assert!(message.contains("mnist.toml:2: ") && message.contains("the columns file and labels"));
    let negatives = format!("{TASK}[line_negatives]\ninvalid = 0.1\n");
    let negatives = config(&place, "negatives.toml", &negatives);
    let message = fail(2, &["train", &negatives, "--output", &output]);
    assert!(message.contains("negatives.toml:3: line_negatives: "), "{message}");
    let config = config(&place, "config.toml", TASK);
    let message = fail(2, &["baseline", &config, "--features", "pixels"]);
    assert!(message.contains("one class each"), "{message}");
    assert!(!place.path("refused").exists());
}

#[test]
fn a_folder_of_pictures_with_several_classes_trains_without_a_config() {
    let place = Workplace::new();
    write_pictures(&place.path("pictures"), [60, 20], 12, 12);
    let proposed = place.argument("glyph.toml");
    succeed(&["init", &place.argument("pictures"), "--output", &proposed]);
    let text = fs::read_to_string(&proposed).unwrap();
    assert!(text.contains("[task]\nkind = \"multi_label\""), "{text}");
    let run = place.argument("run");
    let folder = place.argument("pictures");
    succeed(&["train", &folder, "--output", &run, "--quiet", "--set", "train.epochs=1"]);
    assert_eq!(json(&place.path("run/model.json"))["class_names"], serde_json::json!(CLASSES));
}

#[test]
fn reading_numbers_is_refused_and_runs_are_compared_and_inspected() {
    let place = Workplace::new();
    let run = trained(&place);
    let picture = place.argument("pictures/test/0000.png");
    let message = fail(1, &["read", &picture, "--model", &run]);
    assert!(message.contains("any number of classes"), "{message}");
    let other = place.argument("other");
    let config = config(&place, "config.toml", TASK);
    succeed(&["train", &config, "--output", &other, "--quiet", "--set", "train.epochs=1"]);
    let text = succeed(&["compare", &run, &other]).stdout;
    assert!(text.contains("McNemar's test: "), "{text}");
    let overview = succeed(&["data", "inspect", &config, "-o", &place.argument("overview")]);
    assert!(overview.stdout.contains("250 images of 1×12×12, 3 classes"), "{}", overview.stdout);
}
