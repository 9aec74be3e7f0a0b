//! The data set of a config, loaded and split.

use std::collections::BTreeMap;

use data::{DataError, DatasetConfig, Download, ImageSet, LoadedDataset, Normalization, Split};

use crate::config::{ConfigFile, DataConfig, TaskKind};

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

    /// The share of the most common class among the validation images, 0 to 1; of multi-label images,
    /// that of the most common set of classes.
    #[must_use]
    pub fn most_common_label(&self) -> f64 {
        let mut counts: BTreeMap<&[u16], usize> = BTreeMap::new();
        for &index in &self.split.validation {
            *counts.entry(self.source.train.classes(index)).or_default() += 1;
        }
        let most_common = counts.into_values().max().unwrap_or(0);
        most_common as f64 / self.split.validation.len().max(1) as f64
    }

    /// Number of training images of each class, the validation images excluded.
    #[must_use]
    pub fn train_images_per_class(&self) -> Vec<usize> {
        let indices = self.split.train.iter().copied();
        self.source.train.targets().class_counts(indices, self.source.class_names.len())
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
    let mut source = loaded.map_err(|error| data_error(file, error))?;
    match_task(&mut source, config.task.kind)
        .map_err(|problem| file.locate_key("task.kind", problem))?;
    Ok(source)
}

/// Makes the images' labels those of the task: one class each, or sets of classes.
fn match_task(source: &mut LoadedDataset, kind: TaskKind) -> Result<(), String> {
    match (kind, source.train.targets().is_multi_label()) {
        (TaskKind::Classify, false) | (TaskKind::MultiLabel, true) => Ok(()),
        (TaskKind::MultiLabel, false) => Err(String::from(
            "task.kind is \"multi_label\", but every image of the data set has one class: name the \
             pictures and their classes in a labels.csv with the columns file and labels (cat;dog), or \
             remove the key",
        )),
        (TaskKind::Classify, true) => {
            let LoadedDataset { train, test, undivided, class_names, .. } = source;
            for set in [Some(train), Some(test), undivided.as_mut()].into_iter().flatten() {
                let single = set.with_single_labels();
                *set = single.ok_or_else(|| several_classes(set, class_names))?;
            }
            Ok(())
        }
    }
}

/// The first image that has not one class, and the remedy.
fn several_classes(set: &ImageSet, class_names: &[String]) -> String {
    let index = (0..set.len()).find(|&index| set.classes(index).len() != 1).unwrap_or(0);
    let classes = set.classes(index).len();
    let name = set.file(index).map_or_else(|| format!("image {index}"), str::to_owned);
    format!(
        "{name} has {classes} classes ({}), but the task is to classify: set task.kind = \
         \"multi_label\", or give every picture one class",
        label_text(set, index, class_names)
    )
}

/// The classes of an image by name, separated by `;` as in a file of labels; empty if it has none.
#[must_use]
pub fn label_text(set: &ImageSet, index: usize, class_names: &[String]) -> String {
    let names = set.classes(index).iter().map(|&class| class_names[usize::from(class)].as_str());
    names.collect::<Vec<_>>().join(";")
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
