//! What a training learns. A [`Task`] owns the targets, the loss, what is counted, the figures and
//! the report; everything else is the same for every task.

mod card;
pub mod classification;
mod classify_images;
mod learning_curves;
pub mod multi_label;
mod penalty;
mod test_model;
mod warnings;
mod write_page;

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, ExecutionError, Int, Tensor};
use burn::train::{InferenceStep, ItemLazy, LearnerModel, TrainStep};
use model::{ModelCard, Network, Plan};
use runs::{EpochFigures, Score, TestMetrics};

use self::warnings::{result_warning, settings_warnings};
use crate::config::{Config, DataConfig};
use crate::images::Images;
use crate::inspection::data_warnings;

pub use self::learning_curves::learning_curves;
pub use self::test_model::test_model;

/// Moves a batch to a device.
pub type ToDevice<B> = Arc<dyn Fn(data::Batch, &Device) -> B + Send + Sync>;

/// A kind of learning problem on one data set.
pub trait Task: Send + 'static {
    /// A batch on a device.
    type Batch: Send + 'static;
    /// The network and its loss, as Burn's Learner trains them.
    type Model: LearnerModel
        + TrainStep<Input = Self::Batch, Output = StepOutput>
        + InferenceStep<Input = Self::Batch, Output = StepOutput>;

    /// The images to learn from and to test on.
    fn images(&self) -> &Images;

    /// The network.
    fn plan(&self) -> &Plan;

    /// Moves batches to a device.
    fn to_device(&self) -> ToDevice<Self::Batch>;

    /// The model with new weights, drawn from the random numbers of `device`.
    fn init(&self, device: &Device) -> Self::Model;

    /// The network to store, taken out of the model.
    fn network(model: Self::Model) -> Network;

    /// The card of the stored model; its origin and checksum are filled in later.
    fn card(&self) -> &ModelCard;

    /// Settings and images that are probably wrong, one message each.
    fn warnings(&self, config: &Config) -> Vec<String> {
        let mut warnings = settings_warnings(config, self.images());
        warnings.extend(data_warnings(&DataConfig::from(config), self.images()));
        warnings
    }

    /// What is probably wrong after the last epoch of `history`. `predicted` is the smallest and the
    /// largest class predicted for the validation images, if every image has one.
    fn epoch_warning(
        &self,
        history: &[EpochFigures],
        predicted: Option<[usize; 2]>,
    ) -> Option<String>;

    /// What is probably wrong with a complete run whose best epoch is `best`.
    fn result_warning(&self, best: &EpochFigures) -> Option<String> {
        result_warning(best.validation.accuracy, self.images().most_common_label())
    }

    /// Adds to the stored model in `folder` what is chosen on the validation images when all epochs are
    /// trained. Returns what users should know about it.
    ///
    /// # Errors
    /// When the model cannot be loaded or stored, or the device fails.
    fn complete_model(&self, folder: &Path, device: &Device) -> anyhow::Result<Option<String>>;
}

/// The results of a model on the images of a split.
pub trait TestResults {
    /// Accuracy and loss.
    fn score(&self) -> Score;

    /// Seconds from pixels to probabilities, for all images.
    fn seconds(&self) -> f64;

    /// All figures.
    fn metrics(&self) -> TestMetrics;

    /// Writes the predictions for all images to `folder`.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn write_predictions(&self, folder: &Path) -> anyhow::Result<()>;

    /// Writes the report and its pictures to `folder`, below this title and subtitle.
    ///
    /// # Errors
    /// When a picture cannot be drawn or a file cannot be written.
    fn write_report(
        &self,
        folder: &Path,
        title: &str,
        subtitle: &str,
        history: &[EpochFigures],
    ) -> anyhow::Result<()>;
}

/// The results of a step, still on the device.
pub struct StepOutput {
    /// Mean loss of the batch: `[1]`.
    pub loss: Tensor<1>,
    /// Weight of the batch in a mean over batches: `[1]`; `None` = the number of its images.
    pub weight: Option<Tensor<1>>,
    /// Number of images of which all is predicted correctly: `[1]`.
    pub correct: Tensor<1, Int>,
    /// The smallest and the largest predicted class, `[1]` each; of validation batches only, and
    /// only if every image has one class.
    pub predicted: Option<[Tensor<1, Int>; 2]>,
    /// Number of images in the batch.
    pub images: usize,
}

impl ItemLazy for StepOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}
