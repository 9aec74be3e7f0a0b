//! The data set of a config, loaded and split.

use data::{DataError, DatasetConfig, Download, LoadedDataset, Normalization, Split};

use crate::config::{ConfigFile, DataConfig};

/// A data set, and the division of its training images.
pub struct Images {
    /// The training split, validation images included, and the test split.
    pub source: LoadedDataset,
    /// Indices of the training and of the validation images in the training split.
    pub split: Split,
}

impl Images {
    /// Loads and splits the data set of `config`. `progress` is called during downloads.
    ///
    /// # Errors
    /// When a setting, a file or the download is wrong.
    pub fn load(
        config: &DataConfig,
        file: &ConfigFile,
        progress: &mut dyn FnMut(Download),
    ) -> anyhow::Result<Self> {
        let mut source = load_source(config, file, progress)?;
        let split = source
            .split(config.dataset.validation, config.seed)
            .map_err(|error| data_error(file, error))?;
        source.notes.extend(source.split_note(&split));
        Ok(Self { source, split })
    }

    /// How pixels are normalized: as the config says, or by the statistics of the training images.
    #[must_use]
    pub fn normalization(&self, dataset: &DatasetConfig) -> Normalization {
        let given = dataset.normalization.clone();
        given.unwrap_or_else(|| Normalization::of(&self.source.train, &self.split.train))
    }

    /// The share of the most common class among the validation images, 0 to 1.
    #[must_use]
    pub fn most_common_class(&self) -> f64 {
        let mut counts = vec![0_usize; self.source.class_names.len()];
        for &index in &self.split.validation {
            counts[usize::from(self.source.train.labels()[index])] += 1;
        }
        let most_common = counts.into_iter().max().unwrap_or(0);
        most_common as f64 / self.split.validation.len().max(1) as f64
    }

    /// Number of training images of each class, the validation images excluded.
    #[must_use]
    pub fn train_images_per_class(&self) -> Vec<usize> {
        let mut counts = vec![0; self.source.class_names.len()];
        for &index in &self.split.train {
            counts[usize::from(self.source.train.labels()[index])] += 1;
        }
        counts
    }
}

/// Loads the data set of `config` without dividing its training split.
///
/// # Errors
/// When a setting, a file or the download is wrong.
pub fn load_source(
    config: &DataConfig,
    file: &ConfigFile,
    progress: &mut dyn FnMut(Download),
) -> anyhow::Result<LoadedDataset> {
    let loaded = config.dataset.load(&config.input, config.seed, progress);
    loaded.map_err(|error| data_error(file, error))
}

/// Adds the line of the key to an error about a setting; an error about a file stays as it is.
#[must_use]
pub fn data_error(file: &ConfigFile, error: DataError) -> anyhow::Error {
    let key = match &error {
        DataError::Setting { key, .. } => key,
        DataError::PathMissing { .. } | DataError::PathRefused { .. } => "dataset.path",
        DataError::ClassNames { .. } => "dataset.class_names",
        DataError::Subset { .. } => "dataset",
        DataError::SeveralSizes { .. } => "input",
        DataError::Normalization { .. } => "dataset.normalization",
        _ => return error.into(),
    };
    file.locate_key(key, error.to_string()).into()
}
