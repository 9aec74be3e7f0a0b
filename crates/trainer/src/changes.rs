//! What training does to its images, and nobody else: augmentation and line negatives.

use data::{Augmentation, ImageShape, LineNegatives};

use crate::config::Config;
use crate::config_file::ConfigFile;
use crate::images::data_error;

/// What a config asks for; none of what it has no section for.
#[derive(Clone, Default)]
pub struct Changes {
    pub augmentation: Option<Augmentation>,
    pub line_negatives: Option<LineNegatives>,
}

impl Changes {
    /// Those of `config` to images of `shape`.
    pub fn new(config: &Config, file: &ConfigFile, shape: ImageShape) -> anyhow::Result<Self> {
        let failed = |error| data_error(file, error);
        let augmentation = config.augment.as_ref().map(|augment| augment.build(shape)).transpose();
        let negatives = config.line_negatives.map(|config| config.build(shape)).transpose();
        Ok(Self {
            augmentation: augmentation.map_err(failed)?,
            line_negatives: negatives.map_err(failed)?,
        })
    }
}
