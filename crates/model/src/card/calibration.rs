//! What makes a model's answers comparable to its validation images.

use serde::{Deserialize, Serialize};

/// Chosen on the validation images when the training ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The logits are divided by it before softmax; above 0. Above 1, the network was overconfident (Guo
    /// et al., "On calibration of modern neural networks", 2017).
    pub temperature: f64,
    /// The smallest [score](crate::Prediction::score) of images like those that the model was trained on,
    /// in nats.
    pub score_threshold: f64,
}

impl Calibration {
    /// What is wrong with the numbers.
    pub(crate) fn problem(&self) -> Option<String> {
        let Self { temperature, score_threshold } = *self;
        if !(temperature.is_finite() && temperature > 0.0) {
            return Some(format!("the temperature {temperature} is not a number above 0"));
        }
        (!score_threshold.is_finite())
            .then(|| format!("the score threshold {score_threshold} is not finite"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_positive_and_all_numbers_finite() {
        let problem = |temperature, score_threshold| {
            Calibration { temperature, score_threshold }.problem().unwrap_or_default()
        };
        assert_eq!(problem(1.5, -2.0), "");
        for temperature in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(problem(temperature, 1.0).contains("is not a number above 0"));
        }
        assert_eq!(problem(1.0, f64::INFINITY), "the score threshold inf is not finite");
    }
}
