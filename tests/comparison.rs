//! Runs, compared.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::path::Path;

use harness::{Workplace, fail, json, succeed};
use serde_json::{Value, json};

/// Two smoke runs of different seeds. They are tested on all images: of fewer, each seed would
/// choose others.
fn two_runs(place: &Workplace) -> [String; 2] {
    for (name, seed) in [("first", "seed=1"), ("second", "seed=2")] {
        place.smoke(name, &["--set", seed, "--set", "dataset.test_images=10000"]);
    }
    ["first", "second"].map(|name| place.argument(name))
}

/// A folder with a report of this status, as a training leaves it before its first epoch.
fn begun(place: &Workplace, name: &str, status: &str) -> String {
    let report = json!({
        "status": status, "parameters": 7850, "multiply_adds": 7840, "epochs": 0,
        "best_epoch": null, "test": null, "metrics": null, "seconds": 0.0,
    });
    place.write(&format!("{name}/report.json"), report.to_string());
    place.argument(name)
}

fn copy(from: &str, to: &str) {
    fs::create_dir_all(to).unwrap();
    for file in ["report.json", "metrics.csv", "predictions.csv"] {
        fs::copy(Path::new(from).join(file), Path::new(to).join(file)).unwrap();
    }
}

/// Which images a run got right. MNIST's class names need no quotes.
fn right(run: &str) -> Vec<bool> {
    let table = fs::read_to_string(Path::new(run).join("predictions.csv")).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.map(|row| row[1] == row[2]).collect()
}

#[test]
fn runs_are_compared_by_what_their_files_say() {
    let place = Workplace::new();
    let [first, second] = two_runs(&place);
    let ended = succeed(&["compare", &first, &second, "--format", "json"]);
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    for (run, path) in [&first, &second].into_iter().enumerate() {
        let report = json(&Path::new(path).join("report.json"));
        let compared = &answer["runs"][run];
        for key in ["status", "parameters", "multiply_adds", "epochs", "best_epoch", "test"] {
            assert_eq!(compared[key], report[key], "{key}");
        }
        for key in ["accuracy_interval", "expected_calibration_error"] {
            assert!(!report["metrics"][key].is_null(), "{key}");
            assert_eq!(compared["metrics"][key], report["metrics"][key], "{key}");
        }
        let wrong = right(path).iter().filter(|right| !**right).count();
        assert_eq!(compared["wrong"], wrong);
    }
    let (ours, theirs) = (right(&first), right(&second));
    let only = |one: &[bool], other: &[bool]| {
        one.iter().zip(other).filter(|(one, other)| **one && !**other).count()
    };
    let test = &answer["mcnemar"];
    assert_eq!((&test["first"], &test["second"]), (&json!("first"), &json!("second")));
    assert_eq!(test["only_first"], only(&ours, &theirs));
    assert_eq!(test["only_second"], only(&theirs, &ours));
    assert!((0.0..=1.0).contains(&test["p_value"].as_f64().unwrap()));
    assert!(answer["no_mcnemar"].is_null() && answer["learning_curves"].is_null());
}

#[test]
fn the_table_has_a_row_for_each_run_and_the_picture_is_written() {
    let place = Workplace::new();
    let [first, second] = two_runs(&place);
    let third = begun(&place, "third", "running");
    let output = place.argument("new/folder");
    let ended = succeed(&["compare", &second, &third, &first, "--output", &output]);
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{}", ended.stdout);
    for (line, start) in lines.iter().zip(["run", "second", "third (running)", "first"]) {
        assert!(line.trim_start().starts_with(start), "{}", ended.stdout);
    }
    for (line, path) in [(lines[1], &second), (lines[3], &first)] {
        let report = json(&Path::new(path).join("report.json"));
        let accuracy = 100.0 * report["test"]["accuracy"].as_f64().unwrap();
        assert!(line.contains(&format!("{accuracy:.2} %")), "{accuracy}: {line}");
        assert!(line.contains("of 10,000") && !line.contains('–'), "{line}");
    }
    assert_eq!(lines[2].matches('–').count(), 6, "{}", lines[2]);
    assert!(lines[4].starts_with("McNemar's test: second and first differ on "), "{}", lines[4]);
    assert!(lines[5].contains("learning_curves.png"), "{}", lines[5]);
    let picture = fs::read(place.path("new/folder/learning_curves.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    assert_eq!(fs::read_dir(&output).unwrap().count(), 1);
}

#[test]
fn runs_that_cannot_be_tested_are_compared_all_the_same() {
    let place = Workplace::new();
    place.smoke("run", &[]);
    let (run, other) = (place.argument("run"), place.argument("other"));
    copy(&run, &other);
    let answers = place.path("other/predictions.csv");
    let whole = fs::read_to_string(&answers).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    let (index, row) = lines[1].split_once(',').unwrap();
    let relabelled = whole.replacen(lines[1], &format!("{index},of another data set {row}"), 1);
    let reason = |part: &str| {
        let ended = succeed(&["compare", &run, &other]);
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    };
    fs::write(&answers, lines[..400].join("\n")).unwrap();
    reason("no McNemar's test: run was tested on 500 images, other on 399");
    fs::write(&answers, relabelled).unwrap();
    reason("run and other were not tested on the same images: in row 1");
    fs::remove_file(&answers).unwrap();
    reason("predictions.csv is missing");
    let running = begun(&place, "running", "running");
    let ended = succeed(&["compare", &run, &running]);
    assert!(ended.stdout.contains("it takes two complete runs"), "{}", ended.stdout);
}

#[test]
fn folders_of_one_name_are_told_apart_by_their_paths() {
    let place = Workplace::new();
    let runs = ["a/run", "b/run"].map(|name| begun(&place, name, "interrupted"));
    let ended = succeed(&["compare", &runs[0], &runs[1]]);
    for run in &runs {
        assert!(ended.stdout.contains(&format!("{run} (interrupted)")), "{}", ended.stdout);
    }
}

#[test]
fn what_is_no_pair_of_runs_is_refused_as_a_mistake_of_the_user() {
    let place = Workplace::new();
    let run = begun(&place, "run", "running");
    let notes = place.write("notes/notes.txt", "mine");
    let [absent, notes_folder] = ["absent", "notes"].map(|name| place.argument(name));
    let again = format!("{run}/../run");
    let cases: [(&[&str], &str); 6] = [
        (&[], "RUN"),
        (&[&run], "name another one"),
        (&[&run, &absent], "absent: not a run (report.json is missing)"),
        (&[&run, &notes_folder], "notes: not a run (report.json is missing)"),
        (&[&run, &notes], "notes.txt: not a run (report.json is missing)"),
        (&[&run, &again], "the same run as"),
    ];
    for (runs, part) in cases {
        let message = fail(2, &[&["compare"], runs].concat());
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

#[test]
fn garbled_files_are_refused_by_name_and_value() {
    let cases = [
        ("report.json", "{\"status\": \"running\"", "EOF"),
        ("report.json", "{\"status\": \"done\"}", "`done`"),
        ("metrics.csv", "epoch,split\n1,train\n", "`loss`"),
        ("predictions.csv", "index,label,prediction\nx,7,7\n", "line 2: index is `x`"),
    ];
    for (file, text, part) in cases {
        let place = Workplace::new();
        let [run, garbled] = ["run", "garbled"].map(|name| begun(&place, name, "running"));
        place.write(&format!("garbled/{file}"), text);
        let message = fail(1, &["compare", &run, &garbled]);
        let file = Path::new("garbled").join(file).display().to_string();
        assert!(message.contains(&file) && message.contains(part), "{part}: {message}");
    }
}

#[test]
fn without_a_complete_epoch_there_is_no_picture_and_no_folder() {
    let place = Workplace::new();
    let [first, second] = ["first", "second"].map(|name| begun(&place, name, "running"));
    let output = place.argument("output");
    let message = fail(1, &["compare", &first, &second, "--output", &output]);
    assert!(message.contains("no run has a complete epoch"), "{message}");
    assert!(!place.path("output").exists());
}
