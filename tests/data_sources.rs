//! Training on images that do not come with the program.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod harness;

use std::fs;
use std::path::Path;

use harness::{FASHION, Workplace, fail, json, succeed};

/// A network that takes any image of one or three channels, for two classes.
const CONFIG: &str = r#"
[[model.layers]]
type = "global_avg_pool"

[[model.layers]]
type = "linear"
features = 2

[optimizer]
type = "adam"
learning_rate = 0.1

[train]
epochs = 10
batch_size = 8
"#;

/// Black and white pictures with some noise, ten of each class per split.
fn pictures(place: &Workplace) -> String {
    for split in ["train", "test"] {
        for (class, level) in [("dark", 20), ("light", 220)] {
            for number in 0..10_u8 {
                let path = place.path(&format!("pictures/{split}/{class}/{number}.png"));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let pixel = |x: u32, y: u32| image::Luma([level + number + (x * y) as u8 % 5]);
                image::GrayImage::from_fn(6, 5, pixel).save(path).unwrap();
            }
        }
    }
    place.argument("pictures")
}

fn config(place: &Workplace, dataset: &str) -> String {
    place.write("config.toml", format!("[dataset]\n{dataset}\n{CONFIG}"))
}

#[test]
fn folders_of_pictures_train_and_name_their_classes() {
    let place = Workplace::new();
    pictures(&place);
    config(&place, "source = \"folder\"\npath = \"pictures\"\nvalidation = 4");
    let trained = harness::glyph(&["train", "config.toml", "--output", "run", "--quiet"])
        .current_dir(place.path(""))
        .status();
    assert!(trained.unwrap().success());
    // The run finds its pictures again, from wherever the program is started.
    succeed(&["evaluate", &place.argument("run")]);
    succeed(&["train", "--resume", &place.argument("run"), "--quiet"]);
    let card = json(&place.path("run/model.json"));
    assert_eq!(card["class_names"], serde_json::json!(["dark", "light"]));
    assert_eq!(json(&place.path("run/report.json"))["test"]["accuracy"], 1.0);
    let predictions = fs::read_to_string(place.path("run/predictions.csv")).unwrap();
    let first = predictions.lines().nth(1).unwrap();
    assert!(first.starts_with("0,test/dark/0.png,dark,dark,"), "{predictions}");
}

#[test]
fn pictures_of_several_sizes_need_a_size() {
    let place = Workplace::new();
    let folder = pictures(&place);
    image::GrayImage::new(7, 7).save(Path::new(&folder).join("train/dark/odd.png")).unwrap();
    let config = config(&place, "source = \"folder\"\npath = \"pictures\"\nvalidation = 4");
    let message = fail(2, &["train", &config, "--output", &place.argument("run")]);
    assert!(message.contains("have 2 sizes, 5×6 to 7×7"), "{message}");
    assert!(message.contains("set input.size"), "{message}");
    assert!(!place.path("run").exists());
}

#[test]
fn a_damaged_idx_file_is_named() {
    let place = Workplace::new();
    for (name, bytes) in [
        ("train-images-idx3-ubyte", &b"\0\0\x08\x03\0\0\0\x09\0\0\0\x02\0\0\0\x02abc"[..]),
        ("train-labels-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x09\0\0\0\0\0\0\0\0\0"),
        ("t10k-images-idx3-ubyte", b""),
        ("t10k-labels-idx1-ubyte", b""),
    ] {
        place.write(&format!("files/{name}"), bytes);
    }
    let config = config(&place, "source = \"idx\"\npath = \"files\"\nvalidation = 1");
    let message = fail(1, &["train", &config, "--output", &place.argument("run")]);
    assert!(message.contains("train-images-idx3-ubyte"), "{message}");
}

#[test]
fn a_failed_download_says_where_to_put_the_files() {
    let place = Workplace::new();
    let mut command = harness::glyph(&["train", "configs/fashion.toml"]);
    let output = command
        .args(["--output", &place.argument("run")])
        // Nothing listens on the discard port.
        .env("GLYPH_FASHION_MNIST_URL", "http://127.0.0.1:9/")
        .env("GLYPH_CACHE", place.path("cache"))
        .output()
        .unwrap();
    let ended = harness::Ended::from(output);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains(&place.argument("cache/fashion-mnist")), "{}", ended.stderr);
}

#[test]
fn idx_files_of_fashion_mnist_train() {
    if !Path::new(FASHION).is_dir() {
        eprintln!("SKIPPED: {FASHION} is missing; install Debian's dataset-fashion-mnist");
        return;
    }
    let place = Workplace::new();
    let dataset = format!(
        "dataset={{source='idx', path='{FASHION}', train_images=2000, validation=500, \
         test_images=500}}"
    );
    let run = place.smoke("run", &["--set", &dataset, "--set", "train.epochs=4"]);
    let accuracy = json(&run.join("report.json"))["test"]["accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.4, "{accuracy}");
}
