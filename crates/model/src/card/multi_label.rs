//! How a model predicts any number of classes for an image.

use serde::{Deserialize, Serialize};

use crate::prediction::Prediction;

/// Every output is a probability of its own, by a sigmoid, and its class is predicted from a threshold
/// up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiLabel {
    /// The smallest probability at which each class is predicted, 0 to 1: `[classes]`.
    pub thresholds: Vec<f64>,
}

impl MultiLabel {
    /// The predicted classes, in rising order; none if no probability reaches its threshold, or if the
    /// prediction is not [valid](Prediction::is_valid).
    #[must_use]
    pub fn predicted(&self, prediction: &Prediction) -> Vec<usize> {
        if !prediction.is_valid() {
            return Vec::new();
        }
        let pairs = prediction.probabilities().into_iter().zip(&self.thresholds).enumerate();
        let reached = pairs.filter(|(_, (probability, threshold))| probability >= threshold);
        reached.map(|(class, _)| class).collect()
    }

    /// With `threshold` for all classes, if there is one.
    #[must_use]
    pub fn with_threshold(&self, threshold: Option<f64>) -> Self {
        let replace = |threshold| Self { thresholds: vec![threshold; self.thresholds.len()] };
        threshold.map_or_else(|| self.clone(), replace)
    }

    /// What is wrong with the thresholds of a model of `classes` classes.
    pub(crate) fn problem(&self, classes: usize) -> Option<String> {
        let found = self.thresholds.len();
        if found != classes {
            return Some(format!("there are {found} thresholds for {classes} classes"));
        }
        let wrong = self.thresholds.iter().find(|threshold| !(0.0..=1.0).contains(*threshold))?;
        Some(format!("the threshold {wrong} is outside 0 to 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_that_reaches_its_threshold_is_predicted() {
        let multi_label = MultiLabel { thresholds: vec![0.25, 0.9, 0.5] };
        let prediction = Prediction::of([0.5_f64, 0.5, 0.75].map(f64::ln).to_vec());
        assert_eq!(multi_label.predicted(&prediction), [0, 2]);
        assert_eq!(multi_label.predicted(&Prediction::of(vec![f64::NAN, 0.0, 0.0])), [0; 0]);
    }

    #[test]
    fn one_threshold_takes_the_place_of_all() {
        let own = MultiLabel { thresholds: vec![0.3, 0.6] };
        assert_eq!(own.with_threshold(None), own);
        assert_eq!(own.with_threshold(Some(0.5)).thresholds, [0.5, 0.5]);
    }

    #[test]
    fn thresholds_are_probabilities_one_for_each_class() {
        let problem =
            |thresholds: &[f64]| MultiLabel { thresholds: thresholds.to_vec() }.problem(2);
        assert_eq!(problem(&[0.0, 1.0]), None);
        assert_eq!(problem(&[0.5]).unwrap(), "there are 1 thresholds for 2 classes");
        assert_eq!(problem(&[0.5, 1.5]).unwrap(), "the threshold 1.5 is outside 0 to 1");
    }
}
