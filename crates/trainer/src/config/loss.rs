//! `[loss]`: what training minimizes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// Cross-entropy, and the penalty added to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LossConfig {
    /// Share of the target probability that is spread over all classes, in [0, 1)
    /// (Szegedy et al. 2015).
    pub label_smoothing: f64,
    /// Weights of the classes' images; absent = all count 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// Strength of a penalty on the sum of the absolute weights (biases and batch normalization
    /// excluded).
    pub l1: f64,
}

/// How much the images of each class count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ClassWeights {
    /// `"balanced"`: every class counts as much as any other, however few its images.
    Named(Balanced),
    /// One weight per class, above 0.
    List(Vec<f32>),
}

/// The word `"balanced"`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Balanced {
    /// The word.
    Balanced,
}

impl LossConfig {
    /// Refuses numbers outside their ranges.
    ///
    /// # Errors
    /// The first such value.
    pub fn check(&self) -> Result<(), Invalid> {
        if !(0.0..1.0).contains(&self.label_smoothing) {
            let problem = format!("{} is outside 0 to 1 (1 excluded)", self.label_smoothing);
            return Err(Invalid::new("loss.label_smoothing", problem));
        }
        if !(self.l1.is_finite() && self.l1 >= 0.0) {
            return Err(Invalid::new("loss.l1", format!("{} is not a number from 0 up", self.l1)));
        }
        if let Some(ClassWeights::List(weights)) = &self.class_weights
            && !weights.iter().all(|weight| weight.is_finite() && *weight > 0.0)
        {
            return Err(Invalid::new("loss.class_weights", "every weight must be above 0"));
        }
        Ok(())
    }
}
