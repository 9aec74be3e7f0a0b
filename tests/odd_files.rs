//! Pipes, endless files and names that a terminal would obey.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

#[path = "harness/drawing.rs"]
mod drawing;
mod harness;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use drawing::Page;
use harness::{Ended, Workplace, fail, glyph, root, run, succeed};

fn make_pipe(place: &Workplace, name: &str) -> String {
    let path = place.write(name, "");
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// Runs a program that might wait for ever.
fn run_to_its_end(arguments: &[&str]) -> Ended {
    let mut command = glyph(arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_mins(2) {
            child.kill().unwrap();
            panic!("{arguments:?} waits for ever");
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap().into()
}

#[test]
fn pipes_and_endless_files_are_refused_by_name() {
    let place = Workplace::new();
    place.write("pages/a.png", Page::with_digit('7').png());
    let pipe = make_pipe(&place, "pages/b.png");
    symlink("/dev/zero", place.path("pages/c.png")).unwrap();
    let ended = run_to_its_end(&["predict", &place.argument("pages")]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    for name in [&pipe, &place.argument("pages/c.png")] {
        let expected =
            format!("error: {name}: is a pipe, a device or a socket: expected a regular file");
        assert!(ended.stderr.lines().any(|line| line == expected), "{}", ended.stderr);
    }

    let config = make_pipe(&place, "config.toml");
    let card = make_pipe(&place, "model/model.json");
    let images = make_pipe(&place, "idx/train-images-idx3-ubyte");
    let seven = root().join("tests/pictures/seven.jpg").display().to_string();
    let (model, idx) = (place.argument("model"), place.argument("idx"));
    let idx = format!("dataset.path='{idx}'");
    let train = ["train", "configs/smoke.toml", "--set", "dataset.source='idx'", "--set", &idx];
    for (name, arguments) in [
        (&config, &["train", &config][..]),
        (&card, &["predict", &seven, "--model", &model]),
        (&images, &train),
    ] {
        let ended = run_to_its_end(arguments);
        let told = ended.stderr.contains(name.as_str()) && ended.stderr.contains("is a pipe");
        assert!(told && matches!(ended.code, Some(1 | 2)), "{}", ended.stderr);
    }
}

#[test]
fn a_checkpoint_of_pipes_is_refused() {
    let place = Workplace::new();
    let trained = place.smoke("run", &["--set", "train.epochs=1"]);
    let checkpoints = trained.join("checkpoints");
    let newest = fs::read_dir(checkpoints).unwrap().next().unwrap().unwrap().path();
    let network = newest.join("network.bpk");
    fs::remove_file(&network).unwrap();
    assert!(Command::new("mkfifo").arg(&network).status().unwrap().success());
    let ended = run_to_its_end(&["train", "--resume", &place.argument("run")]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("network.bpk: is a pipe"), "{}", ended.stderr);
}

#[test]
fn names_do_not_command_the_terminal() {
    let place = Workplace::new();
    let name = "pages/a\nb: 9  100.00 %\u{1b}[2J.png";
    let file = place.write(name, Page::with_digit('7').png());
    let answer = succeed(&["predict", &file]).stdout;
    assert_eq!(answer.lines().count(), 1, "{answer}");
    assert!(answer.contains(r"a\nb: 9  100.00 %\u{1b}[2J.png: 7"), "{answer}");
    assert!(!answer.contains('\u{1b}'), "{answer}");
    // Formats for programs quote the name as it is.
    let json = succeed(&["predict", &file, "--format", "json"]).stdout;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["file"], file.as_str());
    let table = succeed(&["predict", &file, "--format", "csv"]).stdout;
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[0][0]), (1, file.as_str()));

    let unreadable = place.write("x\nerror: all is lost\u{1b}[31m.png", "no picture");
    let ended = run(&["predict", &unreadable]);
    assert_eq!((ended.code, ended.stderr.lines().count()), (Some(1), 1), "{}", ended.stderr);
    let missing = fail(2, &["predict", "gone\nerror: b"]);
    assert_eq!(missing, "error: gone\\nerror: b: no such file or folder\n");
}

#[test]
fn class_names_do_not_command_the_terminal() {
    let place = Workplace::new();
    for split in ["train", "test"] {
        for class in ["a\u{1b}[2J", "b\nwarning: zebra"] {
            place.write(&format!("data/{split}/{class}/1.png"), Page::new(6, 5).png());
        }
    }
    let ended =
        succeed(&["data", "inspect", &place.argument("data"), "--set", "dataset.validation=1"]);
    assert!(!ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
    let rows: Vec<&str> = ended.stdout.lines().map(str::trim_start).collect();
    assert!(rows.iter().any(|row| row.starts_with(r"a\u{1b}[2J ")), "{}", ended.stdout);
    assert!(rows.iter().any(|row| row.starts_with(r"b\nwarning: zebra ")), "{}", ended.stdout);
    assert!(!rows.iter().any(|row| row.starts_with("warning: zebra")), "{}", ended.stdout);
}
