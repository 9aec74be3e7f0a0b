//! Models of every version of the format load for ever, and damaged or newer ones are refused.
//!
//! `format_1` was written by glyph 0.1.0 with Burn 0.22.1, trained on 10,000 images of MNIST, and so
//! was `format_2` before the next release, with a depthwise separable block. `format_3` has a calibration;
//! 2,000 of its 12,000 images were for validation. Never write them anew: a new version of the format gets
//! a folder of its own.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use data::{Image, Preparation};
use model::{
    ArtifactError, CARD_FILE, Calibration, Classifier, FORMAT_VERSION, ModelCard, WEIGHTS_FILE,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

fn stored(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(format)
}

fn load(folder: &Path) -> Result<Classifier, ArtifactError> {
    Classifier::open(folder, &Device::default())
}

/// A copy to damage.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [CARD_FILE, WEIGHTS_FILE] {
        fs::copy(stored("format_1").join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// The classes and confidences of a drawn one and a drawn zero.
fn answers(classifier: &Classifier) -> [(String, f64); 2] {
    let one = |x: usize, y: usize| (13..15).contains(&x) && (4..24).contains(&y);
    let zero = |x: usize, y: usize| {
        let squared = (x as f64 - 13.5).powi(2) / 36.0 + (y as f64 - 13.5).powi(2) / 81.0;
        (0.7..1.3).contains(&squared)
    };
    let image = |is_ink: fn(usize, usize) -> bool| {
        let pixels = (0..784).map(|at| if is_ink(at % 28, at / 28) { 255 } else { 0 }).collect();
        Image::new(classifier.input(), pixels).unwrap()
    };
    let answers = classifier.classify(&[image(one), image(zero)]).unwrap();
    [0, 1].map(|index| {
        let answer = &answers[index];
        (classifier.class_names()[answer.class].clone(), answer.confidence())
    })
}

fn assert_answers(format: &str, expected: [(&str, f64); 2]) {
    let found = answers(&load(&stored(format)).unwrap());
    for ((class, confidence), (expected_class, expected)) in found.iter().zip(expected) {
        assert_eq!(class, expected_class);
        let off = (confidence - expected).abs();
        assert!(off < 1e-4, "{confidence} instead of {expected}");
    }
}

#[test]
fn a_model_of_format_1_answers_as_when_it_was_written() {
    assert_answers("format_1", [("1", 0.999_624), ("0", 0.999_583)]);
}

#[test]
fn a_model_of_format_2_answers_as_when_it_was_written() {
    assert_answers("format_2", [("1", 0.999_878), ("0", 0.986_725)]);
}

#[test]
fn a_model_of_format_3_answers_as_when_it_was_written() {
    assert_answers("format_3", [("1", 0.998_806), ("0", 0.990_737)]);
}

#[test]
fn formats_before_3_have_no_calibration() {
    let calibration = |format| load(&stored(format)).unwrap().calibration().copied();
    assert_eq!((calibration("format_1"), calibration("format_2")), (None, None));
    let Calibration { temperature, test_time_augmentation_below, score_threshold } =
        calibration("format_3").unwrap();
    let expected = [
        (1.018_569, temperature),
        (3.5, test_time_augmentation_below),
        (2.213_318, score_threshold),
    ];
    assert!(expected.iter().all(|(expected, found)| (expected - found).abs() < 1e-6));
    let card = fs::read_to_string(stored("format_3").join(CARD_FILE)).unwrap();
    let older = card.replace("\"format_version\": 3", "\"format_version\": 2");
    let message = ModelCard::parse(older.as_bytes()).unwrap_err().to_string();
    assert!(message.contains("unknown field `calibration`"), "{message}");
}

#[test]
fn format_1_does_not_say_how_pictures_are_prepared_and_format_2_does() {
    // Grey, 28×28, digits: programs of format 1's time took such images for characters.
    let preparation = |folder: &Path| load(folder).unwrap().card().preparation;
    assert_eq!(preparation(&stored("format_1")), Preparation::INK);
    let folder = copy();
    let path = folder.path().join(CARD_FILE);
    let card = fs::read_to_string(&path).unwrap();
    fs::write(&path, card.replace("\"3\"", "\"three\"")).unwrap();
    assert_eq!(preparation(folder.path()), Preparation::PICTURE);

    let card = fs::read_to_string(stored("format_2").join(CARD_FILE)).unwrap();
    let parse = |card: &str| ModelCard::parse(card.as_bytes());
    let other = card.replace("\"kind\": \"ink\"", "\"kind\": \"picture\"");
    assert_eq!(parse(&card).unwrap().preparation, Preparation::INK);
    assert_eq!(parse(&other).unwrap().preparation, Preparation::PICTURE);
    for (from, to, problem) in [
        ("\"preparation\"", "\"preparations\"", "unknown field `preparations`"),
        ("\"kind\": \"ink\"", "\"kind\": \"paint\"", "unknown variant `paint`"),
        ("\"kind\"", "\"sort\"", "unknown field `sort`"),
        ("\"format_version\": 2", "\"format_version\": 1", "unknown field `preparation`"),
    ] {
        let message = parse(&card.replace(from, to)).unwrap_err().to_string();
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn one_flipped_bit_of_the_weights_is_refused_by_name() {
    let folder = copy();
    let path = folder.path().join(WEIGHTS_FILE);
    let whole = fs::read(&path).unwrap();
    let mut random = Pcg32::seed_from_u64(7);
    for _ in 0..1_000 {
        let bit = random.random_range(0..8 * whole.len());
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, damaged).unwrap();
        let error = load(folder.path()).unwrap_err();
        assert!(matches!(error, ArtifactError::Checksum { .. }), "bit {bit}: {error}");
        assert!(error.to_string().contains(WEIGHTS_FILE), "bit {bit}: {error}");
    }
}

#[test]
fn one_flipped_bit_of_the_card_never_panics() {
    let folder = copy();
    let path = folder.path().join(CARD_FILE);
    let whole = fs::read(&path).unwrap();
    let mut random = Pcg32::seed_from_u64(8);
    let mut refused = 0;
    for _ in 0..300 {
        let bit = random.random_range(0..8 * whole.len());
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, damaged).unwrap();
        refused += usize::from(load(folder.path()).is_err());
    }
    // A changed figure or name is still a card.
    assert!(refused > 150, "{refused} of 300 refused");
}

#[test]
fn a_newer_format_is_refused_by_its_version() {
    let folder = copy();
    let path = folder.path().join(CARD_FILE);
    let card = fs::read_to_string(&path).unwrap();
    let newer = FORMAT_VERSION + 1;
    fs::write(
        &path,
        card.replacen("\"format_version\": 1", &format!("\"format_version\": {newer}"), 1),
    )
    .unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains(&format!("format version {newer} is newer")), "{error}");
}
