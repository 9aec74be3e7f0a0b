//! Scores of doubtful images.
#![allow(clippy::unwrap_used)] // A failed unwrap fails the test.

use std::path::Path;

use burn::tensor::Device;
use data::{Image, ImageShape};
use model::{Calibration, Classifier, Prediction};

/// A stored model whose images are doubtful below this score.
fn classifier(test_time_augmentation_below: f64) -> Classifier {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format_3");
    let classifier = Classifier::open(&folder, &Device::flex()).unwrap();
    let calibration =
        Calibration { test_time_augmentation_below, ..*classifier.calibration().unwrap() };
    classifier.with_calibration(Some(calibration))
}

/// A light bar on black, this wide.
fn bar(width: usize) -> Image {
    let is_ink = |at: usize| (4..24).contains(&(at / 28)) && (12..12 + width).contains(&(at % 28));
    let pixels = (0..28 * 28).map(|at| u8::from(is_ink(at)) * 255).collect();
    Image::new(ImageShape::MNIST, pixels).unwrap()
}

fn scores(predictions: &[Prediction]) -> Vec<f64> {
    predictions.iter().map(Prediction::score).collect()
}

#[test]
fn a_doubtful_image_is_scored_by_its_views_and_keeps_its_probabilities() {
    let images = [bar(3), bar(9), bar(0)];
    let single = classifier(f64::MIN).classify_and_score(&images).unwrap();
    assert_eq!(single, classifier(f64::MIN).classify(&images).unwrap());
    let several = classifier(f64::MAX).classify_and_score(&images).unwrap();
    for (single, several) in single.iter().zip(&several) {
        assert_eq!(single.log_probabilities, several.log_probabilities);
        assert_eq!(single.class, several.class);
    }
    let (single, several) = (scores(&single), scores(&several));
    assert!((single[0] - several[0]).abs() > 1e-3 && (single[1] - several[1]).abs() > 1e-3);
    // All views of a black image are black.
    assert!((single[2] - several[2]).abs() < 1e-9, "{} {}", single[2], several[2]);
}

#[test]
fn only_scores_below_the_bound_change() {
    let images = [bar(3), bar(9)];
    let single = scores(&classifier(f64::MIN).classify_and_score(&images).unwrap());
    let [lower, higher] = if single[0] < single[1] { [0, 1] } else { [1, 0] };
    let between = f64::midpoint(single[0], single[1]);
    let found = scores(&classifier(between).classify_and_score(&images).unwrap());
    let all = scores(&classifier(f64::MAX).classify_and_score(&images).unwrap());
    assert!((found[higher] - single[higher]).abs() < 1e-12);
    assert!((found[lower] - all[lower]).abs() < 1e-12);
    assert!((found[lower] - single[lower]).abs() > 1e-3);
}

#[test]
fn scores_do_not_depend_on_the_other_images() {
    let classifier = classifier(f64::MAX);
    let images: Vec<Image> = (0..700).map(|at| bar(at % 12)).collect();
    let together = scores(&classifier.classify_and_score(&images).unwrap());
    for at in [0, 1, 249, 250, 251, 699] {
        let alone = scores(&classifier.classify_and_score(&images[at..=at]).unwrap());
        assert!((together[at] - alone[0]).abs() < 1e-9, "{at}");
    }
}
