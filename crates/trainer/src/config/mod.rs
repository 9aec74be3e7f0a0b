//! What a user writes in a config file, with defaults for everything that may be left out.

mod config_file;
mod data_config;
mod invalid;
mod line;
mod loss;
mod memory;
mod optimizer;
mod overrides;
mod range;
mod renamed_keys;
mod schedule;
mod schema;
mod task;

use data::{
    AugmentConfig, DatasetConfig, ImageShape, InputConfig, LineNegativesConfig, OutliersConfig,
    Policy,
};
use model::{KernelChoice, LayerConfig, Plan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use config_file::{ConfigError, ConfigFile};
pub use data_config::DataConfig;
pub use invalid::Invalid;
use invalid::layer_key;
pub use loss::{Balanced, ClassWeights, LossConfig};
pub use optimizer::{BETA_1, BETA_2, ClipConfig, EPSILON, OptimizerConfig};
pub use overrides::parse_settings;
pub use schedule::ScheduleConfig;
pub use schema::config_schema;
pub use task::{TaskConfig, TaskKind};

/// A whole config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Seeds the initial weights, the splits, the order of the images, augmentation and dropout.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Where to compute; absent = the best backend compiled in that works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Instructions of the CPU kernels: with others, sums differ in their last bits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kernels: KernelChoice,
    /// What the network learns; absent = `kind = "classify"`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub task: TaskConfig,
    /// The images.
    pub dataset: DatasetConfig,
    /// Random changes to the training images; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment: Option<AugmentConfig>,
    /// Partial digits and invalid candidates, for networks that read lines of digits; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_negatives: Option<LineNegativesConfig>,
    /// Generated images of no class, for networks that meet other pictures as well; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outliers: Option<OutliersConfig>,
    /// How pictures become the network's input.
    #[serde(default, skip_serializing_if = "is_default")]
    pub input: InputConfig,
    /// The network.
    pub model: ModelConfig,
    /// What training minimizes.
    #[serde(default)]
    pub loss: LossConfig,
    /// How gradients change weights.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// How large a gradient may be.
    #[serde(default, skip_serializing_if = "is_default")]
    pub clip: ClipConfig,
    /// How the learning rate changes.
    #[serde(default)]
    pub schedule: ScheduleConfig,
    /// How long, and in what batches.
    #[serde(default)]
    pub train: TrainConfig,
}

/// The network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Its layers, first to last.
    pub layers: Vec<LayerConfig>,
}

/// How long training lasts, and in what batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Passes over the training images.
    pub epochs: usize,
    /// Images per step.
    pub batch_size: usize,
    /// Stop after so many epochs without a lower validation loss; absent = never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<usize>,
    /// Threads that prepare batches ahead of the network; their number changes no result.
    pub loader_workers: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self { epochs: 10, batch_size: 128, early_stopping: None, loader_workers: 1 }
    }
}

impl Config {
    /// The network for images of `shape` in `classes` classes.
    ///
    /// # Errors
    /// The first layer that does not fit, with its line in `file`; a batch that needs more memory than
    /// any machine has.
    pub fn plan(
        &self,
        file: &ConfigFile,
        shape: ImageShape,
        classes: usize,
    ) -> Result<Plan, ConfigError> {
        let plan = Plan::new(&self.model.layers, shape, classes)
            .map_err(|error| file.locate_key(&layer_key(&error), error.to_string()))?;
        self.check_memory(file, &plan, None)?;
        Ok(plan)
    }

    /// Refuses values that are wrong for all images.
    ///
    /// # Errors
    /// The first such value.
    pub fn check(&self) -> Result<(), Invalid> {
        self.optimizer.check()?;
        self.clip.check()?;
        self.schedule.check()?;
        self.loss.check()?;
        if self.task.kind == TaskKind::MultiLabel && self.line_negatives.is_some() {
            let problem = "it is for networks that read lines of digits, and those have one class an \
                           image: remove it, or task.kind = \"multi_label\"";
            return Err(Invalid::new("line_negatives", problem));
        }
        if self.task.kind == TaskKind::MultiLabel && self.outliers.is_some() {
            let problem = "outliers are trained with all classes equally probable, which images of any \
                           number of classes cannot be: remove it, or task.kind = \"multi_label\"";
            return Err(Invalid::new("outliers", problem));
        }
        let augment = self.augment.as_ref();
        let mixes = |augment: &&AugmentConfig| {
            let is_augmix = augment.policy == Some(Policy::Augmix);
            augment.mixup.is_some() || augment.cutmix.is_some() || is_augmix
        };
        if self.task.kind == TaskKind::MultiLabel && augment.is_some_and(|it| mixes(&it)) {
            let problem = "mixup, cutmix and the policy \"augmix\" need images of one class each: \
                           remove them, or task.kind = \"multi_label\"";
            return Err(Invalid::new("augment", problem));
        }
        let TrainConfig { epochs, batch_size, early_stopping, loader_workers } = self.train;
        for (key, value, limit) in [
            ("train.epochs", epochs, 1_000_000),
            ("train.batch_size", batch_size, 1_000_000),
            ("train.early_stopping", early_stopping.unwrap_or(1), 1_000_000),
            ("train.loader_workers", loader_workers, 256),
        ] {
            if value == 0 || value > limit {
                return Err(Invalid::new(key, format!("{value} is outside 1 to {limit}")));
            }
        }
        Ok(())
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn default_seed() -> u64 {
    42
}

#[cfg(test)]
mod tests;
