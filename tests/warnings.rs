//! A training that goes wrong warns, with the cause and the remedy.
#![allow(clippy::unwrap_used)]

mod harness;

use std::io::Cursor;

use harness::{Ended, Workplace, run};
use image::{GrayImage, ImageFormat, Luma};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

/// Trains the smoke config with other settings.
fn smoke(settings: &[&str]) -> Ended {
    let place = Workplace::new();
    let output = place.argument("run");
    let mut arguments = vec!["train", "configs/smoke.toml", "--output", &output, "--quiet"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    run(&arguments)
}

fn assert_reported(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    for word in words {
        assert!(ended.stderr.contains(word), "{word}: {}", ended.stderr);
    }
}

#[test]
fn a_sound_training_has_no_warnings() {
    assert_eq!(smoke(&["train.epochs=3"]).stderr, "");
}

#[test]
fn impossible_settings_are_refused() {
    for (setting, words) in [
        ("optimizer={type='sgd', learning_rate=0.0}", ["optimizer.learning_rate", "0"]),
        ("dataset.validation=0", ["dataset.validation", "0"]),
        ("train.batch_size=0", ["train.batch_size", "0"]),
    ] {
        assert_reported(&smoke(&[setting]), 2, &words);
    }
}

#[test]
fn a_batch_larger_than_the_data_is_warned_of() {
    assert_reported(
        &smoke(&["train.batch_size=5000"]),
        0,
        &["warning", "batch_size = 5,000", "1,500"],
    );
}

#[test]
fn an_absurd_learning_rate_is_warned_of_and_its_loss_reported() {
    let ended = smoke(&["optimizer={type='sgd', learning_rate=1e9}", "clip={}"]);
    assert_reported(&ended, 1, &["learning_rate = 1000000000", "the loss became"]);
}

#[test]
fn a_collapsed_network_is_warned_of() {
    // A rate that kills every rectified unit without making the loss infinite.
    let ended = smoke(&[
        "optimizer={type='sgd', learning_rate=1e-12}",
        "clip={}",
        "train.epochs=1",
        "model.layers=[{type='flatten'}, {type='linear', features=4}, {type='relu'}, {type='linear', features=10}]",
        "augment.rotate=0.0",
        "dataset.normalization={mean=[1000.0], standard_deviation=[1.0]}",
    ]);
    assert_reported(&ended, 0, &["every validation image was predicted to be class"]);
}

/// A data set of 10×10 noise; `label` says which class an image gets.
fn noise(place: &Workplace, splits: &[&str], label: impl Fn(usize) -> &'static str) -> String {
    let mut random = Pcg32::seed_from_u64(1);
    for split in splits {
        for index in 0..60 {
            let picture = GrayImage::from_fn(10, 10, |_, _| Luma([random.random()]));
            let mut png = Cursor::new(Vec::new());
            picture.write_to(&mut png, ImageFormat::Png).unwrap();
            place.write(&format!("noise/{split}/{}/{index}.png", label(index)), png.get_ref());
        }
    }
    place.write(
        "noise.toml",
        "seed = 1\n[dataset]\nsource = \"folder\"\npath = \"noise\"\nvalidation = 20\n\
         [[model.layers]]\ntype = \"flatten\"\n[[model.layers]]\ntype = \"linear\"\nfeatures = 2\n\
         [optimizer]\ntype = \"adam\"\nlearning_rate = 0.01\n[schedule]\ntype = \"constant\"\n\
         [train]\nepochs = 3\nbatch_size = 8\n",
    )
}

fn train(place: &Workplace, config: &str) -> Ended {
    run(&["train", config, "--output", &place.argument("run"), "--quiet"])
}

#[test]
fn random_labels_are_warned_of() {
    let place = Workplace::new();
    let config =
        noise(&place, &["train", "test"], |index| if index % 10 < 8 { "common" } else { "rare" });
    assert_reported(&train(&place, &config), 0, &["check the labels"]);
}

#[test]
fn images_of_a_single_class_are_warned_of() {
    let place = Workplace::new();
    let config = noise(&place, &["train", "test"], |_| "all").replace("noise.toml", "one.toml");
    let text = std::fs::read_to_string(place.path("noise.toml")).unwrap();
    std::fs::write(place.path("one.toml"), text.replace("features = 2", "features = 1")).unwrap();
    assert_reported(&train(&place, &config), 0, &["all training images are of one class"]);
}

#[test]
fn test_images_among_the_training_images_are_warned_of() {
    let place = Workplace::new();
    let config = noise(&place, &["train"], |index| if index < 30 { "a" } else { "b" });
    for (class, index) in [("a", 3), ("a", 4), ("a", 5), ("b", 33)] {
        let image = std::fs::read(place.path(&format!("noise/train/{class}/{index}.png"))).unwrap();
        place.write(&format!("noise/test/{class}/{index}.png"), image);
    }
    let ended = train(&place, &config);
    assert_reported(&ended, 0, &["in train as well"]);
}
