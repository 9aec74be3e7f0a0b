//! What a user hears after a mistake: the place, the value, the remedy, exit code 2, nothing left
//! behind.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;

use harness::{Workplace, fail, root};

/// `configs/smoke.toml` with one piece replaced.
fn changed(place: &Workplace, from: &str, to: &str) -> String {
    let text = fs::read_to_string(root().join("configs/smoke.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    place.write("changed.toml", text.replacen(from, to, 1))
}

#[test]
fn mistakes_in_a_config_name_line_value_and_remedy() {
    let cases: [(&str, &str, &[&str]); 13] = [
        ("epochs = 2", "epoch = 2", &["did you mean `epochs`?", "changed.toml:"]),
        ("[train]", "[trian]", &["did you mean `train`?"]),
        ("features = 10", "feature = 10", &["changed.toml:53", "did you mean `features`?"]),
        ("\"mnist\"", "\"mnits\"", &["did you mean `mnist`?"]),
        ("kernel = 5", "kernel = 50", &["layer 1 (conv)", "50×50", "1×28×28", "changed.toml:22"]),
        ("features = 10", "features = 7", &["layer 8 (linear)", "ends in 7", "10 classes"]),
        ("epochs = 2", "epochs = 0", &["train.epochs", "outside 1 to"]),
        ("rotate = 10.0", "rotate = 999.0", &["rotate", "999"]),
        (
            "invalid = 0.1",
            "invalid = 2.0",
            &["line_negatives.invalid", "0 to 1", "changed.toml:14"],
        ),
        ("partial = 0.1", "partail = 0.1", &["did you mean `partial`?"]),
        ("validation = 500", "validation = 2000", &["validation", "2000"]),
        ("probability = 0.1", "probability = 1.5", &["layer 7 (dropout)", "1.5"]),
        ("epochs = 2", "epochs = ", &["changed.toml:"]),
    ];
    for (from, to, parts) in cases {
        let place = Workplace::new();
        let config = changed(&place, from, to);
        let message = fail(2, &["train", &config, "--output", &place.argument("run")]);
        for part in parts {
            assert!(message.contains(part), "{to}: no `{part}` in: {message}");
        }
        assert!(!place.path("run").exists(), "{to}: left a folder behind");
    }
}

#[test]
fn a_missing_config_is_named() {
    let message = fail(2, &["train", "configs/absent.toml"]);
    assert!(message.contains("configs/absent.toml"), "{message}");
}

#[test]
fn a_device_that_is_not_there_lists_those_that_are() {
    for (name, part) in
        [("gpu", "unknown device"), ("rocm", "--features rocm"), ("flex:9", "no such")]
    {
        let place = Workplace::new();
        let output = place.argument("run");
        let arguments = ["train", "configs/smoke.toml", "--device", name, "--output", &output];
        let message = fail(2, &arguments);
        assert!(message.contains(part) && message.contains("flex"), "{message}");
    }
}

#[test]
fn a_folder_with_contents_is_not_touched() {
    let place = Workplace::new();
    let note = place.write("mine/note.txt", "keep");
    let output = place.argument("mine");
    for more in [&[][..], &["--overwrite"]] {
        let fixed = ["train", "configs/smoke.toml", "--output", &output];
        let message = fail(2, &[&fixed, more].concat());
        assert!(message.contains("--overwrite"), "{message}");
    }
    assert_eq!(fs::read_to_string(note).unwrap(), "keep");
}

#[test]
fn overwriting_replaces_a_run() {
    let place = Workplace::new();
    let run = place.smoke("run", &[]);
    let before = harness::weights(&run);
    place.smoke("run", &["--overwrite", "--set", "seed=1"]);
    assert_ne!(harness::weights(&run), before);
}

#[test]
fn an_output_that_cannot_be_made_is_named() {
    let place = Workplace::new();
    let file = place.write("file", "");
    let output = format!("{file}/run");
    let message = fail(1, &["train", "configs/smoke.toml", "--output", &output]);
    assert!(message.contains(&file), "{message}");
}

#[test]
fn only_a_run_can_be_resumed() {
    let place = Workplace::new();
    let message = fail(2, &["train", "--resume", &place.argument("absent")]);
    assert!(message.contains("there is no run to resume"), "{message}");
}
