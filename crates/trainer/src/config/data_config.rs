//! The part of a config that is about images alone.

use data::{AugmentConfig, DatasetConfig, InputConfig, LineNegativesConfig, OutliersConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Config, TaskConfig, default_seed, is_default};

/// The images, how they are divided, and what training does to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Seeds the subsets, the validation split and augmentation.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// What a network learns about the images; absent = `kind = "classify"`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub task: TaskConfig,
    /// The images.
    pub dataset: DatasetConfig,
    /// How pictures become images.
    #[serde(default, skip_serializing_if = "is_default")]
    pub input: InputConfig,
    /// Random distortion of the training images; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment: Option<AugmentConfig>,
    /// Negatives for reading lines of digits; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_negatives: Option<LineNegativesConfig>,
    /// Generated images of no class; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outliers: Option<OutliersConfig>,
}

impl DataConfig {
    /// The keys of `[augment]`; empty without it.
    #[must_use]
    pub fn augmentation_keys(&self) -> Vec<String> {
        let section = self.augment.as_ref().map(serde_json::to_value);
        match section {
            Some(Ok(Value::Object(keys))) => keys.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

impl From<&Config> for DataConfig {
    fn from(config: &Config) -> Self {
        Self {
            seed: config.seed,
            task: config.task,
            dataset: config.dataset.clone(),
            input: config.input,
            augment: config.augment.clone(),
            line_negatives: config.line_negatives,
            outliers: config.outliers,
        }
    }
}
