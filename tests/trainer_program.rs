//! The program `trainer`: `glyph train` under the name that the README starts with.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn trainer(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_trainer")).current_dir(root).args(arguments).output().unwrap()
}

#[test]
fn a_config_is_trained_to_a_run() {
    let place = tempfile::tempdir().unwrap();
    let run = place.path().join("run");
    let arguments = ["--config", "configs/smoke.toml", "--output", run.to_str().unwrap()];
    let output = trainer(&arguments);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    let lines: Vec<_> = stdout.lines().collect();
    assert!(lines[0].starts_with("epoch 1/2  train: loss "), "{stdout}");
    assert!(lines[2].starts_with("best epoch "), "{stdout}");
    assert!(lines[3].starts_with("test: accuracy "), "{stdout}");
    assert_eq!(lines[4], format!("model: {}", run.display()));
    let mut names: Vec<_> = fs::read_dir(&run)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            ".glyph-run",
            "checkpoints",
            "config.toml",
            "metrics.csv",
            "model.bpk",
            "model.json",
            "plots",
            "predictions.csv",
            "report.html",
            "report.json",
            "train.log"
        ]
    );
    let resumed = trainer(&["--resume", run.to_str().unwrap(), "--quiet"]);
    assert_eq!(resumed.status.code(), Some(0));
}

#[test]
fn a_mistake_has_exit_code_2() {
    for arguments in [&[][..], &["--config", "configs/absent.toml"], &["--resume", "absent"]] {
        let output = trainer(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}
