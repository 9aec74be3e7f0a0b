//! Models of every version of the format load for ever, and damaged or newer ones are refused.
//!
//! `format_1` was written by glyph 0.1.0 with Burn 0.22.1, trained on 10,000 images of MNIST. Never
//! write it anew: a new version of the format gets a folder of its own.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use data::Image;
use model::{ArtifactError, CARD_FILE, Classifier, FORMAT_VERSION, WEIGHTS_FILE};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

fn stored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format_1")
}

fn load(folder: &Path) -> Result<Classifier, ArtifactError> {
    Classifier::open(folder, &Device::default())
}

/// A copy to damage.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [CARD_FILE, WEIGHTS_FILE] {
        fs::copy(stored().join(file), folder.path().join(file)).unwrap();
    }
    folder
}

#[test]
fn a_model_of_format_1_answers_as_when_it_was_written() {
    let classifier = load(&stored()).unwrap();
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
    let names: Vec<&str> =
        answers.iter().map(|answer| classifier.class_names()[answer.class].as_str()).collect();
    assert_eq!(names, ["1", "0"]);
    for (answer, expected) in answers.iter().zip(EXPECTED) {
        let off = (answer.confidence() - expected).abs();
        assert!(off < 1e-4, "{} instead of {expected}", answer.confidence());
    }
}

/// The confidences when the model was written.
const EXPECTED: [f64; 2] = [0.999_624, 0.999_583];

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
