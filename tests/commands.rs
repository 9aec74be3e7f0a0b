//! What all commands have in common: help, options, environment variables, completions, manual
//! pages, and the model that is built in.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::process::Command;

use harness::{Ended, Workplace, fail, glyph, root, run, succeed};

const COMMANDS: [&str; 13] = [
    "init",
    "train",
    "evaluate",
    "compare",
    "predict",
    "read",
    "data",
    "baseline",
    "serve",
    "devices",
    "schema",
    "completions",
    "man",
];

#[test]
fn without_a_command_the_help_is_shown() {
    let ended = run(&[]);
    assert_eq!(ended.code, Some(2));
    for command in COMMANDS {
        assert!(ended.stderr.contains(&format!("\n  {command} ")), "{command}: {}", ended.stderr);
    }
    assert!(ended.stderr.contains("Examples:"), "{}", ended.stderr);
}

#[test]
fn every_command_has_a_help_with_an_example() {
    for command in COMMANDS.into_iter().filter(|command| *command != "devices") {
        let arguments = if command == "data" { vec!["data", "inspect"] } else { vec![command] };
        let help = succeed(&[&arguments[..], &["--help"]].concat()).stdout;
        assert!(help.contains(&format!("glyph {}", arguments.join(" "))), "{help}");
        assert!(help.contains("Examples:"), "{command}: {help}");
    }
    assert!(succeed(&["data", "audit", "--help"]).stdout.contains("Examples:"));
}

#[test]
fn an_unknown_command_suggests_the_closest() {
    let message = fail(2, &["pedict", "seven.jpg"]);
    assert!(message.contains("predict"), "{message}");
}

#[test]
fn the_built_in_model_answers_in_any_folder() {
    let place = Workplace::new();
    fs::copy(root().join("tests/pictures/seven.jpg"), place.path("seven.jpg")).unwrap();
    // A folder of the model's name, as a training of configs/cnn.toml leaves one, is no obstacle.
    fs::create_dir(place.path("cnn")).unwrap();
    let mut command = glyph(&["predict", "seven.jpg"]);
    let ended = Ended::from(command.current_dir(place.path("")).output().unwrap());
    assert!(ended.stdout.starts_with("seven.jpg: 7  "), "{}\n{}", ended.stdout, ended.stderr);
}

#[test]
fn the_built_in_model_is_the_released_one() {
    let evaluate = |model| {
        let limit = "dataset.test_images=300";
        let text = succeed(&["evaluate", model, "--set", limit, "--format", "json"]).stdout;
        let results: serde_json::Value = serde_json::from_str(&text).unwrap();
        results["loss"].clone()
    };
    assert_eq!(evaluate("cnn"), evaluate("artifacts/cnn"));
}

#[test]
fn a_model_that_does_not_exist_is_named() {
    let message = fail(2, &["predict", "tests/pictures/seven.jpg", "--model", "absent"]);
    assert!(message.contains("absent") && message.contains("built in"), "{message}");
}

#[test]
fn options_have_environment_variables() {
    let picture = "tests/pictures/seven.jpg";
    for (variable, value, part) in [
        ("GLYPH_MODEL", "absent", "no such model"),
        ("GLYPH_DEVICE", "absent", "unknown device"),
        ("GLYPH_KERNELS", "absent", "portable"),
        ("GLYPH_THREADS", "0", "--threads"),
    ] {
        let output = glyph(&["predict", picture]).env(variable, value).output().unwrap();
        let ended = Ended::from(output);
        assert_eq!(ended.code, Some(2), "{variable}: {}", ended.stderr);
        assert!(ended.stderr.contains(part), "{variable}: {}", ended.stderr);
    }
    let option =
        glyph(&["predict", picture, "--model", "cnn"]).env("GLYPH_MODEL", "absent").output();
    assert!(option.unwrap().status.success(), "an option comes before its variable");
}

#[test]
fn common_options_stand_before_or_after_the_command() {
    let picture = "tests/pictures/seven.jpg";
    let before = succeed(&["--device", "flex", "-v", "predict", picture]);
    let after = succeed(&["predict", picture, "-v", "--device", "flex"]);
    assert_eq!(before.stdout, after.stdout);
    assert!(before.stderr.contains("flex") && after.stderr.contains("flex"), "{}", after.stderr);
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = succeed(&["completions", shell]).stdout;
        assert!(script.contains("glyph") && script.contains("predict"), "{shell}");
    }
    let place = Workplace::new();
    let script = place.write("glyph.bash", succeed(&["completions", "bash"]).stdout);
    let syntax = Command::new("bash").args(["-n", &script]).status().unwrap();
    assert!(syntax.success());
}

#[test]
fn every_command_has_a_manual_page() {
    let place = Workplace::new();
    let folder = place.argument("man1");
    succeed(&["man", "-o", &folder]);
    for command in COMMANDS {
        let page = fs::read_to_string(place.path(&format!("man1/glyph-{command}.1"))).unwrap();
        assert!(page.starts_with(".ie") || page.contains(".TH"), "{command}: {page}");
    }
    let page = succeed(&["man"]).stdout;
    assert!(page.contains(".SH NAME") && page.contains("GLYPH_DEVICE"), "{page}");
}
