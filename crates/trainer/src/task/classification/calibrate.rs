//! Calibrating a classifier on its validation images.

use metrics::numbers::grouped;
use metrics::{fit_temperature, passing_threshold};
use model::{Calibration, Prediction};

/// The share of the validation images that the score threshold lets pass.
const PASSING: f64 = 0.995;
/// With fewer validation images, five or fewer of them are below the threshold, which then says little.
const FEW: usize = 1000;

/// Temperature and score threshold from `predictions` for validation images, made without a temperature,
/// and their labels; and what users should know about them. There is no calibration without images, and
/// if the network's numbers overflow.
pub fn calibrate(
    predictions: &[Prediction],
    labels: &[usize],
) -> (Option<Calibration>, Option<String>) {
    let logarithms: Vec<f64> =
        predictions.iter().flat_map(|found| &found.log_probabilities).copied().collect();
    let temperature = fit_temperature(&logarithms, labels);
    let score = |found: &Prediction| found.at_temperature(temperature).score();
    let threshold = passing_threshold(predictions.iter().map(score).collect(), PASSING);
    let calibration = threshold.map(|score_threshold| Calibration { temperature, score_threshold });
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
    (calibration, message)
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

    #[test]
    fn all_but_five_in_a_thousand_validation_images_pass() {
        let (predictions, labels) = validation(2000);
        let (calibration, message) = calibrate(&predictions, &labels);
        let Calibration { temperature, score_threshold } = calibration.unwrap();
        let score = |found: &Prediction| found.at_temperature(temperature).score();
        let passing = predictions.iter().filter(|found| score(found) >= score_threshold).count();
        assert_eq!((passing, message), (1990, None));
    }

    #[test]
    fn few_images_no_images_and_overflow_are_reported() {
        let (predictions, labels) = validation(50);
        let (calibration, message) = calibrate(&predictions, &labels);
        assert!(calibration.is_some() && message.unwrap().contains("on 50 validation images only"));
        let (calibration, message) = calibrate(&[], &[]);
        assert!(calibration.is_none() && message.unwrap().starts_with("without validation images"));
        let overflow = Prediction::of(vec![f64::NAN, 0.0]);
        let (calibration, message) = calibrate(&[overflow], &[0]);
        assert!(calibration.is_none() && message.unwrap().contains("not finite"));
    }
}
