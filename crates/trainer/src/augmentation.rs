//! What training does to its images, built from `[augment]`, `[line_negatives]` and `[outliers]`.

use data::{Augmentation, ImageShape, LineNegatives, Outliers};

use crate::config::{ConfigFile, DataConfig};
use crate::images::data_error;

/// Augmentation of the training images; `None` where the config has no such section.
#[derive(Clone, Default)]
pub struct TrainingAugmentation {
    /// Random distortion.
    pub augmentation: Option<Augmentation>,
    /// Negatives and partly cut digits, for reading lines.
    pub line_negatives: Option<LineNegatives>,
    /// Generated images of no class.
    pub outliers: Option<Outliers>,
}

impl TrainingAugmentation {
    /// The augmentation that `config` asks for, for images of `shape`.
    ///
    /// # Errors
    /// When a setting is out of range or does not suit the shape.
    pub fn new(config: &DataConfig, file: &ConfigFile, shape: ImageShape) -> anyhow::Result<Self> {
        let failed = |error| data_error(file, error);
        let augmentation = config.augment.as_ref().map(|augment| augment.build(shape)).transpose();
        let negatives = config.line_negatives.map(|config| config.build(shape)).transpose();
        let outliers = config.outliers.map(|config| config.build(shape)).transpose();
        Ok(Self {
            augmentation: augmentation.map_err(failed)?,
            line_negatives: negatives.map_err(failed)?,
            outliers: outliers.map_err(failed)?,
        })
    }
}
