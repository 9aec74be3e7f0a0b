//! Peak memory: large images need no more for the evaluation and the report than for the training.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod harness;

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use harness::Workplace;
use image::{GrayImage, Luma};

const SIDE: u32 = 512;

/// A network whose features are 32 times as large as the image: in `f32`, 128 times.
const CONFIG: &str = r#"
seed = 1
[dataset]
source = "folder"
path = "PATH"
validation = 4
[input]
kind = "picture"
[[model.layers]]
type = "conv"
channels = 32
kernel = 3
padding = 1
[[model.layers]]
type = "relu"
[[model.layers]]
type = "flatten"
[[model.layers]]
type = "linear"
features = 2
[optimizer]
type = "sgd"
learning_rate = 1e-6
[train]
epochs = 1
batch_size = 4
"#;

/// Runs `glyph` and returns the most memory that it used, in MiB: the last that was seen of it.
fn peak(arguments: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_glyph"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    loop {
        peak = peak.max(high_water_mark(&child));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{arguments:?}: {status}");
            return peak;
        }
        sleep(Duration::from_millis(5));
    }
}

/// The most memory that a running program has used so far, in MiB; 0 once it has ended.
fn high_water_mark(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

#[test]
fn a_report_on_large_images_needs_no_more_memory_than_their_training() {
    let place = Workplace::new();
    for (split, count) in [("train", 8), ("test", 48)] {
        for index in 0..count {
            let class = index % 2;
            let folder = place.path(&format!("pictures/{split}/{class}"));
            fs::create_dir_all(&folder).unwrap();
            let picture = GrayImage::from_fn(SIDE, SIDE, |x, y| {
                Luma([(x + y + 9 * index) as u8 / 2 + class as u8])
            });
            picture.save(folder.join(format!("{index}.png"))).unwrap();
        }
    }
    let config = place.path("config.toml");
    fs::write(&config, CONFIG.replace("PATH", &place.argument("pictures"))).unwrap();
    let (run, evaluation) = (place.argument("run"), place.argument("evaluation"));
    let config = config.to_string_lossy().into_owned();
    // The features of all test images would be 1.6 GB, held twice, and the maps of a batch of them more.
    let training = peak(&["train", &config, "-o", &run]);
    assert!(training < 2400, "{training} MiB for the training");
    let evaluating = peak(&["evaluate", &run, "-o", &evaluation]);
    assert!(evaluating < 2400, "{evaluating} MiB for the evaluation");
    let page = fs::read_to_string(place.path("run/report.html")).unwrap();
    assert!(page.contains("a fixed random projection shortens its 8,388,608 numbers to 1024"));
}
