//! A look at a data set before training.
#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;

use harness::{Workplace, fail, succeed};
use serde_json::{Value, json};

/// The model and the training, which `dataset` only reads.
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
epochs = 1
batch_size = 8
"#;

/// Writes a picture of 6×5 pixels that starts at `level` and gets lighter to the right.
fn picture(place: &Workplace, name: &str, level: u8) {
    let path = place.path(&format!("pictures/{name}.png"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::GrayImage::from_fn(6, 5, |x, _| image::Luma([level + x as u8])).save(path).unwrap();
}

/// Twelve different pictures of two classes.
fn pictures(place: &Workplace) -> String {
    for (split, base) in [("train", 0), ("test", 100)] {
        for (class, level) in [("dark", 0), ("light", 30)] {
            for number in 0..if split == "train" { 4 } else { 2 } {
                picture(place, &format!("{split}/{class}/{number}"), base + level + number);
            }
        }
    }
    let dataset = "[dataset]\nsource = \"folder\"\npath = \"pictures\"\nvalidation = 2";
    place.write("config.toml", format!("{dataset}\n{CONFIG}"))
}

fn answer(config: &str) -> Value {
    serde_json::from_str(&succeed(&["data", "inspect", config, "--format", "json"]).stdout).unwrap()
}

#[test]
fn a_folder_of_pictures_is_counted_class_by_class() {
    let place = Workplace::new();
    let config = pictures(&place);
    let text = succeed(&["data", "inspect", &config]).stdout;
    assert!(text.starts_with("folder: 12 images of 1×5×6, 2 classes\n"), "{text}");
    for line in [
        "  dark        3           1     2      6\n",
        "  in all      6           2     4     12\n",
        "exact duplicates: none\n",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    assert!(!text.contains("warning"), "{text}");
    let answer = answer(&config);
    assert_eq!(answer["images"], json!({"train": 6, "validation": 2, "test": 4, "total": 12}));
    assert_eq!(answer["shape"], json!({"channels": 1, "height": 5, "width": 6}));
    assert_eq!(answer["warnings"], json!([]));
}

#[test]
fn a_folder_needs_no_config() {
    let place = Workplace::new();
    pictures(&place);
    for class in ["dark", "light"] {
        for number in 4..12 {
            let level = if class == "dark" { 40 } else { 80 };
            picture(&place, &format!("train/{class}/{number}"), level + number);
        }
    }
    let text = succeed(&["data", "inspect", &place.argument("pictures")]).stdout;
    assert!(text.starts_with("folder: 28 images of 1×5×6, 2 classes\n"), "{text}");
}

#[test]
fn pictures_that_leak_or_contradict_each_other_are_found() {
    let place = Workplace::new();
    let config = pictures(&place);
    // All pictures of a class are alike, so it does not matter which is held out.
    for number in 0..4 {
        picture(&place, &format!("train/dark/{number}"), 0);
    }
    picture(&place, "test/light/0", 0);
    let answer = answer(&config);
    let places = answer["duplicates"]["places"].as_array().unwrap();
    let groups: Vec<_> = places.iter().map(|place| place["groups"].as_u64().unwrap()).collect();
    assert_eq!(groups, [1, 0, 0, 1, 1, 1]);
    assert_eq!(answer["duplicates"]["contradictions"]["groups"], 1);
    let warnings = answer["warnings"].to_string();
    for part in ["1 test image is in train", "1 test image is in validation", "different labels"] {
        assert!(warnings.contains(part), "no `{part}` in {warnings}");
    }
    let text = succeed(&["data", "inspect", &config]).stdout;
    assert!(text.contains("train/dark/0.png (dark) = test/light/0.png (light)"), "{text}");
}

#[test]
fn a_class_without_test_images_is_named() {
    let place = Workplace::new();
    let config = pictures(&place);
    fs::remove_dir_all(place.path("pictures/test/light")).unwrap();
    assert_eq!(answer(&config)["warnings"], json!(["no test images of light"]));
}

#[test]
fn pictures_are_written_and_the_same_every_time() {
    let place = Workplace::new();
    let names = ["augmented.png", "class_images.png", "negatives.png", "samples.png"];
    for folder in ["first", "second"] {
        let output = place.argument(folder);
        let ended = succeed(&["data", "inspect", "configs/smoke.toml", "--output", &output]);
        for name in names {
            assert!(ended.stdout.contains(&place.argument(&format!("{folder}/{name}"))));
        }
        assert_eq!(fs::read_dir(&output).unwrap().count(), names.len());
    }
    for name in names {
        let read = |folder: &str| fs::read(place.path(folder).join(name)).unwrap();
        assert!(read("first").starts_with(b"\x89PNG"), "{name}");
        assert_eq!(read("first"), read("second"), "{name}");
    }
}

#[test]
fn nothing_is_augmented_without_augmentation() {
    let place = Workplace::new();
    let (config, output) = (pictures(&place), place.argument("out"));
    let ended = succeed(&["data", "inspect", &config, "--output", &output]);
    assert!(ended.stderr.contains("augmented.png is not drawn"), "{}", ended.stderr);
    assert!(place.path("out/samples.png").is_file());
    assert!(!place.path("out/augmented.png").exists());
}

#[test]
fn mistakes_are_those_of_training() {
    let place = Workplace::new();
    let output = place.argument("out");
    for (set, part) in [
        ("dataset.validation=2000", "validation"),
        ("dataset.source=mnits", "mnist"),
        ("augment.rotate=999", "rotate"),
    ] {
        let shared = ["configs/smoke.toml", "--set", set, "--output", &output];
        let message = fail(2, &[&["data", "inspect"], &shared[..]].concat());
        assert!(message.contains(part), "{message}");
        assert_eq!(message, fail(2, &[&["train"], &shared[..]].concat()));
        assert!(!place.path("out").exists(), "{set}");
    }
}
