//! What makes a model's answers comparable to its validation images.

use serde::{Deserialize, Serialize};

/// Chosen on the validation images when the training ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The logits are divided by it before softmax; above 0. Above 1, the network was overconfident (Guo
    /// et al., "On calibration of modern neural networks", 2017).
    pub temperature: f64,
    /// The score of an image that has a lower one is the mean over several views of it (test-time
    /// augmentation), in nats.
    pub test_time_augmentation_below: f64,
    /// The smallest [score](crate::Prediction::score) of images like those that the model was trained on,
    /// in nats.
    pub score_threshold: f64,
}

impl Calibration {
    /// What is wrong with the numbers.
    pub(crate) fn problem(&self) -> Option<String> {
        let Self { temperature, test_time_augmentation_below, score_threshold } = *self;
        if !(temperature.is_finite() && temperature > 0.0) {
            return Some(format!("the temperature {temperature} is not a number above 0"));
        }
        [
            ("test_time_augmentation_below", test_time_augmentation_below),
            ("score_threshold", score_threshold),
        ]
        .into_iter()
        .find(|(_, score)| !score.is_finite())
        .map(|(name, score)| format!("{name} is {score}: expected a finite number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_positive_and_all_numbers_finite() {
        let problem = |temperature, test_time_augmentation_below, score_threshold| {
            Calibration { temperature, test_time_augmentation_below, score_threshold }
                .problem()
                .unwrap_or_default()
        };
        assert_eq!(problem(1.5, -1.0, -2.0), "");
        for temperature in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(problem(temperature, 1.0, 1.0).contains("is not a number above 0"));
        }
        let expected = "score_threshold is inf: expected a finite number";
        assert_eq!(problem(1.0, 1.0, f64::INFINITY), expected);
        let expected = "test_time_augmentation_below is NaN: expected a finite number";
        assert_eq!(problem(1.0, f64::NAN, 1.0), expected);
    }
}
