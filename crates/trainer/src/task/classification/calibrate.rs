//! Calibrating a classifier on its validation images.

use metrics::numbers::grouped;
use metrics::{fit_temperature, passing_threshold};
use model::{Calibration, Prediction};

/// The share of the validation images that the score threshold lets pass.
const PASSING: f64 = 0.995;
/// The share of the validation images that are scored by one view alone. The lowest scores decide what
/// passes: more views for more images cost time and change nothing.
const CLEAR: f64 = 0.98;
/// With fewer validation images, five or fewer of them are below the threshold, which then says little.
const FEW: usize = 1000;

/// Temperature and thresholds of scores from `predictions` for validation images, made without a
/// temperature, and their labels; and what users should know about them. `score` returns the scores of
/// the same images under a calibration whose score threshold is not chosen yet. There is no calibration
/// without images, and if the network's numbers overflow.
///
/// # Errors
/// Those of `score`.
pub fn calibrate(
    predictions: &[Prediction],
    labels: &[usize],
    score: impl FnOnce(Calibration) -> anyhow::Result<Vec<f64>>,
) -> anyhow::Result<(Option<Calibration>, Option<String>)> {
    let logarithms: Vec<f64> =
        predictions.iter().flat_map(|found| &found.log_probabilities).copied().collect();
    let temperature = fit_temperature(&logarithms, labels);
    let single = predictions.iter().map(|found| found.at_temperature(temperature).score());
    let calibration = match passing_threshold(single.collect(), CLEAR) {
        Some(test_time_augmentation_below) => {
            let score_threshold = test_time_augmentation_below;
            let draft = Calibration { temperature, test_time_augmentation_below, score_threshold };
            passing_threshold(score(draft)?, PASSING)
                .map(|score_threshold| Calibration { score_threshold, ..draft })
        }
        None => None,
    };
    let images = labels.len();
    let message = match &calibration {
        None if images == 0 => Some(
            "without validation images, the model is not calibrated: answers are rejected by their \
             confidence alone"
                .to_owned(),
        ),
        None => Some(
            "the network's outputs for the validation images are not finite: the model is not \
             calibrated"
                .to_owned(),
        ),
        Some(_) if images < FEW => Some(format!(
            "calibrated on {} validation images only: with fewer than {}, the model may reject more \
             or fewer than 0.5 % of the pictures that are like them",
            grouped(images as u64),
            grouped(FEW as u64)
        )),
        Some(_) => None,
    };
    Ok((calibration, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Predictions for two classes, of which one in twenty is wrong, and their labels.
    fn validation(images: usize) -> (Vec<Prediction>, Vec<usize>) {
        let prediction = |at: usize| {
            let wrong = 0.01 + 0.4 * (at * 7919 % images) as f64 / images as f64;
            Prediction::of(vec![(1.0 - wrong).ln(), wrong.ln()])
        };
        ((0..images).map(prediction).collect(), (0..images).map(|at| (at % 20) / 19).collect())
    }

    /// Scores each image by its own prediction alone.
    fn calibrated(
        predictions: &[Prediction],
        labels: &[usize],
    ) -> (Option<Calibration>, Option<String>) {
        let score = |draft: Calibration| Ok(scores(predictions, draft));
        calibrate(predictions, labels, score).unwrap()
    }

    fn scores(predictions: &[Prediction], calibration: Calibration) -> Vec<f64> {
        let score = |found: &Prediction| found.at_temperature(calibration.temperature).score();
        predictions.iter().map(score).collect()
    }

    #[test]
    fn all_but_five_in_a_thousand_validation_images_pass() {
        let (predictions, labels) = validation(2000);
        let (calibration, message) = calibrated(&predictions, &labels);
        let calibration = calibration.unwrap();
        let passing = |least: f64| {
            scores(&predictions, calibration).iter().filter(|score| **score >= least).count()
        };
        assert_eq!((passing(calibration.score_threshold), message), (1990, None));
        assert_eq!(passing(calibration.test_time_augmentation_below), 1960);
    }

    #[test]
    fn the_threshold_is_of_the_scores_that_answers_have() {
        let (predictions, labels) = validation(2000);
        let lower = |draft: Calibration| {
            Ok(scores(&predictions, draft).iter().map(|score| score - 5.0).collect())
        };
        let (found, _) = calibrate(&predictions, &labels, lower).unwrap();
        let (expected, _) = calibrated(&predictions, &labels);
        let (found, expected) = (found.unwrap(), expected.unwrap());
        assert!((found.score_threshold - (expected.score_threshold - 5.0)).abs() < 1e-9);
        assert_eq!(Calibration { score_threshold: expected.score_threshold, ..found }, expected);
        assert!(calibrate(&predictions, &labels, |_| anyhow::bail!("unreadable")).is_err());
    }

    #[test]
    fn few_images_no_images_and_overflow_are_reported() {
        let (predictions, labels) = validation(50);
        let (calibration, message) = calibrated(&predictions, &labels);
        assert!(calibration.is_some() && message.unwrap().contains("on 50 validation images only"));
        let (calibration, message) = calibrated(&[], &[]);
        assert!(calibration.is_none() && message.unwrap().starts_with("without validation images"));
        let overflow = Prediction::of(vec![f64::NAN, 0.0]);
        let (calibration, message) = calibrated(&[overflow], &[0]);
        assert!(calibration.is_none() && message.unwrap().contains("not finite"));
    }
}
