//! What training does to its images, built from `[augment]` and `[cuts]`.

use data::{Augmentation, Cuts, ImageShape};

use crate::config::{ConfigFile, DataConfig};
use crate::images::data_error;

/// Augmentation of the training images; `None` where the config has no such section.
#[derive(Clone, Default)]
pub struct TrainingAugmentation {
    /// Random distortion.
    pub augmentation: Option<Augmentation>,
    /// Line negatives.
    pub cuts: Option<Cuts>,
}

impl TrainingAugmentation {
    /// The augmentation that `config` asks for, for images of `shape`.
    ///
    /// # Errors
    /// When a setting is out of range or does not suit the shape.
    pub fn new(config: &DataConfig, file: &ConfigFile, shape: ImageShape) -> anyhow::Result<Self> {
        let failed = |error| data_error(file, error);
        let augmentation = config.augment.as_ref().map(|augment| augment.build(shape)).transpose();
        let cuts = config.cuts.map(|cuts| cuts.build(shape)).transpose();
        Ok(Self { augmentation: augmentation.map_err(failed)?, cuts: cuts.map_err(failed)? })
    }
}
