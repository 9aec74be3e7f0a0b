//! Nothing of the user's is overwritten unasked.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

#[path = "harness/drawing.rs"]
mod drawing;
mod harness;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use drawing::Page;
use harness::{Ended, Workplace, fail, glyph, succeed};
use image::ImageFormat;

/// Every file in a folder and its subfolders, with its contents.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Insists that a command is refused before it writes anything.
fn refused(place: &Workplace, arguments: &[&str]) {
    let before = contents(&place.path(""));
    let message = fail(2, arguments);
    assert!(message.contains("writes over its input"), "{message}");
    assert_eq!(contents(&place.path("")), before, "{arguments:?}");
}

#[test]
fn pictures_are_not_replaced_by_what_is_drawn_of_them() {
    let place = Workplace::new();
    let page = Page::with_number("47");
    let png = place.write("pages/a.png", page.png());
    let jpeg = place.write("pages/b.jpg", page.encoded(ImageFormat::Jpeg));
    place.write("pages/b.png", "the user's own, and no picture");
    let pages = place.argument("pages");
    refused(&place, &["read", &png, "--annotate", &pages]);
    refused(&place, &["read", &jpeg, "--annotate", &pages]);
    fs::create_dir(place.path("links")).unwrap();
    fs::hard_link(&png, place.path("links/a.png")).unwrap();
    refused(&place, &["read", &png, "--annotate", &place.argument("links")]);
    let step = place.write("steps/a/steps.png", page.png());
    refused(&place, &["predict", &png, &step, "--show-steps", &place.argument("steps")]);
    // A folder of its own is written as often as the user likes.
    for _ in 0..2 {
        succeed(&["read", &png, &jpeg, "--annotate", &place.argument("pages/boxes")]);
    }
    assert_eq!(fs::read(png).unwrap(), page.png());
}

#[test]
fn data_sets_and_configs_are_not_replaced_by_what_is_drawn_of_them() {
    let place = Workplace::new();
    for split in ["train", "test"] {
        for class in ["dark", "light"] {
            place.write(&format!("data/{split}/{class}/samples.png"), Page::new(6, 5).png());
        }
    }
    let data = place.argument("data");
    refused(&place, &["data", "inspect", &data, "-o", &place.argument("data/train/dark")]);
    let config = "[dataset]\nsource = 'mnist'\ntrain_images = 100\ntest_images = 10\n\
                  validation = 10\n";
    let output = place.argument("out");
    let named = place.write("out/report.json", config);
    refused(&place, &["baseline", &named, "--features", "pixels", "-o", &output]);
    refused(&place, &["evaluate", "cnn", "--data", &named, "-o", &output]);
}

#[test]
fn no_name_of_a_picture_leads_out_of_the_folder_for_steps() {
    let place = Workplace::new();
    let inputs = ["pages/...jpg", "pages/x.png", "pages/x.jpg"]
        .map(|name| place.write(name, Page::with_digit('7').png()));
    let steps = place.argument("out/steps");
    succeed(
        &[&["predict", "--show-steps", &steps], &inputs.each_ref().map(String::as_str)[..]]
            .concat(),
    );
    assert_eq!(fs::read_dir(place.path("out")).unwrap().count(), 1);
    let mut folders: Vec<String> = fs::read_dir(&steps)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, ["picture", "x", "x-2"]);
    for folder in folders {
        assert!(Path::new(&steps).join(folder).join("steps.png").is_file());
    }
}

#[test]
fn a_log_that_is_a_link_is_not_written() {
    let place = Workplace::new();
    let mine = place.write("mine.txt", "mine");
    let run = place.smoke("run", &["--set", "train.epochs=1"]);
    fs::remove_file(run.join("train.log")).unwrap();
    symlink(&mine, run.join("train.log")).unwrap();
    let output = place.argument("run");
    for arguments in [
        &["train", "--resume", &output][..],
        &["train", "configs/smoke.toml", "--output", &output, "--overwrite"],
    ] {
        let message = fail(1, arguments);
        assert!(message.contains("train.log: is a symbolic link"), "{message}");
    }
    assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
    assert!(run.join("model.bpk").is_file());
}

#[test]
fn a_folder_moved_during_the_run_ends_it_and_is_not_made_anew() {
    for replaced in [false, true] {
        let place = Workplace::new();
        let output = place.argument("run");
        let train = ["train", "configs/smoke.toml", "--checkpoint-minutes", "0"];
        let mut command =
            glyph(&[&train[..], &["--output", &output, "--set", "train.epochs=500"]].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        fs::rename(place.path("run"), place.path("moved")).unwrap();
        if replaced {
            place.write("run/notes.txt", "mine");
        }
        let ended: Ended = child.wait_with_output().unwrap().into();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(&output) && ended.stderr.contains("moved"),
            "{}",
            ended.stderr
        );
        let left: Vec<PathBuf> =
            if replaced { contents(&place.path("run")).into_keys().collect() } else { Vec::new() };
        assert_eq!(left, if replaced { vec![place.path("run/notes.txt")] } else { Vec::new() });
        assert_eq!(place.path("run").exists(), replaced);
        // What was saved is still there, and complete.
        fs::remove_dir_all(place.path("run")).unwrap_or_default();
        fs::rename(place.path("moved"), place.path("run")).unwrap();
        succeed(&["evaluate", &output]);
    }
}
