//! The `[dataset]` section of a config.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_names::ClassNames;
use super::name::SourceName;
use crate::normalization::Normalization;
use crate::split_size::SplitSize;

/// The `[dataset]` section of a config file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// The data set, or the format of your own: "mnist", "fashion-mnist", "idx", "npz" or "folder".
    pub source: SourceName,
    /// The folder that has the files: required for "idx" and "folder"; for "npz" the file; for a data
    /// set that is downloaded, it replaces the cache folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// For "folder": a CSV file with the columns `file`, `label` (or `labels`, with any number of
    /// classes separated by `;`, for the task `multi_label`) and, if wanted, `split`, relative to the
    /// folder. Absent: `labels.csv`, if the folder has it; else the folders name the classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// A CSV file of decisions about single training images, such as `glyph data audit` writes:
    /// columns `file` or `index`, `action` ("keep", "relabel" or "drop") and `label` (`cat;dog` for several classes). Relative
    /// to the config. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrections: Option<PathBuf>,
    /// The validation images, held out of the training split and stratified by class: an integer is
    /// a number of images, a float above 0 and below 1 a share of the training split, rounded.
    /// Absent: the validation split that the data set has, or else 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<SplitSize>,
    /// For "folder" and "npz", if there is no test split: the test images, written like `validation`. Absent: 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<SplitSize>,
    /// For "folder": whether pictures that cannot be read are left out, instead of refusing them all.
    #[serde(default, skip_serializing_if = "is_false")]
    pub skip_unreadable: bool,
    /// For "folder": whether decoded pictures are kept in memory. If not, they are decoded while they
    /// are needed, and up to 1 GiB of them is kept; the batches are the same.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub in_memory: bool,
    /// For "idx": whether rows and columns of the images are exchanged, as EMNIST's files need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transpose: Option<bool>,
    /// Number of images of the training split to use, chosen by seed and stratified by class.
    /// Absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_images: Option<usize>,
    /// Number of images of the test split to use, chosen by seed and stratified by class. Absent:
    /// all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_images: Option<usize>,
    /// Mean and standard deviation of each channel. Absent: measured on the training images without
    /// the validation images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalization: Option<Normalization>,
    /// The name of each class: a list, or a text file relative to `path` with a name in each line.
    /// Absent: those of the source, which are the folders' names for "folder" and "0", "1", … for
    /// "idx". For "idx", their number is the number of classes; by default it is the largest label
    /// plus 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_names: Option<ClassNames>,
}

impl DatasetConfig {
    /// All images of a source that needs no folder, with the defaults of a config.
    #[must_use]
    pub fn new(source: SourceName) -> Self {
        Self {
            source,
            path: None,
            labels: None,
            corrections: None,
            validation: None,
            test: None,
            skip_unreadable: false,
            in_memory: true,
            transpose: None,
            train_images: None,
            test_images: None,
            normalization: None,
            class_names: None,
        }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_keeps_to_its_keys() {
        let config: DatasetConfig = toml::from_str("source = 'fashion-mnist'").unwrap();
        assert_eq!(config.source, "fashion-mnist".parse().unwrap());
        assert_eq!((config.validation, config.test), (None, None));
        assert_eq!(toml::to_string(&config).unwrap(), "source = \"fashion-mnist\"\n");
        assert!(toml::from_str::<DatasetConfig>("source = 'mnist'\ntrain = 3").is_err());
        assert!(toml::from_str::<DatasetConfig>("source = 'cifar'").is_err());
    }
}
