//! The data set of a config, loaded and split, as training and evaluation both need it.

use data::{DataError, LoadedDataset, Normalization, Split, train_validation};

use crate::config::Config;
use crate::config_file::ConfigFile;
use crate::console::Console;

/// A data set and which of its training images are held out.
pub struct Images {
    pub source: LoadedDataset,
    pub split: Split,
}

impl Images {
    /// Loads and splits the data set that `config` names.
    pub fn load(config: &Config, file: &ConfigFile, console: &mut Console) -> anyhow::Result<Self> {
        let mut progress = |download: data::Download| {
            console.download(&download.file, download.received, download.total);
        };
        let source = config
            .dataset
            .load(config.seed, &mut progress)
            .map_err(|error| data_error(file, error))?;
        let split = train_validation(&source.train, config.dataset.validation, config.seed)
            .map_err(|error| data_error(file, error))?;
        Ok(Self { source, split })
    }

    /// How pixels are normalized: as the config says, or by the training part's statistics.
    pub fn normalization(&self, config: &Config) -> Normalization {
        let given = config.dataset.normalization.clone();
        given.unwrap_or_else(|| Normalization::of(&self.source.train, &self.split.train))
    }

    /// The share of the validation images that the commonest class among them has, 0 to 1.
    pub fn commonest_class(&self) -> f64 {
        let mut counts = vec![0_usize; self.source.class_names.len()];
        for &index in &self.split.validation {
            counts[usize::from(self.source.train.labels()[index])] += 1;
        }
        let commonest = counts.into_iter().max().unwrap_or(0);
        commonest as f64 / self.split.validation.len().max(1) as f64
    }

    /// Training images of each class, the held-out ones excluded.
    pub fn train_images_per_class(&self) -> Vec<usize> {
        let mut counts = vec![0; self.source.class_names.len()];
        for &index in &self.split.train {
            counts[usize::from(self.source.train.labels()[index])] += 1;
        }
        counts
    }
}

/// A setting's error gets the line of its key; anything else is about files and stays as it is.
pub fn data_error(file: &ConfigFile, error: DataError) -> anyhow::Error {
    let key = match &error {
        DataError::Setting { key, .. } => key,
        DataError::PathMissing { .. } | DataError::PathRefused { .. } => "dataset.path",
        DataError::ClassNames { .. } => "dataset.class_names",
        DataError::Subset { .. } => "dataset",
        DataError::Normalization { .. } => "dataset.normalization",
        _ => return error.into(),
    };
    file.locate_key(key, error.to_string()).into()
}
