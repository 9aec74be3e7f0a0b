//! The `[dataset]` section of a config.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::definition::Request;
use super::download::Download;
use super::loaded::LoadedDataset;
use super::name::SourceName;
use crate::error::DataError;
use crate::image_set::ImageSet;
use crate::normalization::Normalization;
use crate::split::subset;
use crate::validation_size::ValidationSize;

/// The `[dataset]` section of a config file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// The data set, or the format of your own: "mnist", "fashion-mnist", "idx" or "folder".
    pub source: SourceName,
    /// The folder that has the files: required for "idx" and "folder"; for a data set that is
    /// downloaded, it replaces the cache folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The validation images, held out of the training split and stratified by class: an integer is
    /// a number of images, a float above 0 and below 1 a share of the training split, rounded.
    #[serde(default)]
    pub validation: ValidationSize,
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
    /// The name of each class. Absent: those of the source, which are the folders' names for
    /// "folder" and "0", "1", … for "idx". For "idx", their number is the number of classes; by
    /// default it is the largest label plus 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_names: Option<Vec<String>>,
}

impl DatasetConfig {
    /// All images of a source that needs no folder, with the defaults of a config.
    #[must_use]
    pub fn new(source: SourceName) -> Self {
        Self {
            source,
            path: None,
            validation: ValidationSize::default(),
            train_images: None,
            test_images: None,
            normalization: None,
            class_names: None,
        }
    }

    /// Reads the images and selects `train_images` and `test_images` of them by `seed`. `progress`
    /// is called while files are downloaded.
    ///
    /// # Errors
    ///
    /// A [`DataError`] that names the setting, file or URL at fault.
    pub fn load(
        &self,
        seed: u64,
        progress: &mut dyn FnMut(Download),
    ) -> Result<LoadedDataset, DataError> {
        let mut source = self.source.load(&mut Request {
            source: self.source.as_str(),
            folder: self.path.as_deref(),
            class_count: self.class_names.as_ref().map(Vec::len),
            progress,
        })?;
        if let Some(names) = &self.class_names {
            if names.len() != source.class_names.len() {
                return Err(DataError::ClassNames {
                    expected: source.class_names.len(),
                    found: names.len(),
                });
            }
            source.class_names.clone_from(names);
        }
        let (train, test) = (source.train.shape(), source.test.shape());
        if train != test {
            return Err(DataError::ShapesDiffer { train, test });
        }
        if let Some(normalization) = &self.normalization {
            normalization.validate(train.channels)?;
        }
        source.train = take(source.train, self.train_images, seed)?;
        source.test = take(source.test, self.test_images, seed)?;
        Ok(source)
    }
}

fn take(set: ImageSet, count: Option<usize>, seed: u64) -> Result<ImageSet, DataError> {
    match count {
        Some(count) => set.select(&subset(&set, count, seed)?),
        None => Ok(set),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load(config: &str) -> Result<LoadedDataset, DataError> {
        toml::from_str::<DatasetConfig>(config).unwrap().load(42, &mut |_| panic!("downloaded"))
    }

    fn message(config: &str) -> String {
        load(config).map(|_| ()).unwrap_err().to_string()
    }

    /// A folder with `images` training images and as many test images, `width` wide, of classes 0
    /// to 4 in turn.
    fn idx_folder(images: u8, test_width: u8) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
        for (split, width) in [("train", 2), ("t10k", test_width)] {
            let header = [0, 0, 8, 3, 0, 0, 0, images, 0, 0, 0, 1, 0, 0, 0, width];
            let pixels = vec![9; usize::from(images) * usize::from(width)];
            write(&format!("{split}-images-idx3-ubyte"), [&header[..], &pixels].concat());
            let labels: Vec<u8> = (0..images).map(|index| index % 5).collect();
            write(
                &format!("{split}-labels-idx1-ubyte"),
                [&[0, 0, 8, 1, 0, 0, 0, images], &labels[..]].concat(),
            );
        }
        let config = format!("source = 'idx'\npath = '{}'\n", folder.path().display());
        (folder, config)
    }

    #[test]
    fn config_keeps_to_its_keys() {
        let config: DatasetConfig = toml::from_str("source = 'fashion-mnist'").unwrap();
        assert_eq!(config.source, "fashion-mnist".parse().unwrap());
        assert_eq!(config.validation, ValidationSize::Images(5000));
        assert_eq!(
            toml::to_string(&config).unwrap(),
            "source = \"fashion-mnist\"\nvalidation = 5000\n"
        );
        assert!(toml::from_str::<DatasetConfig>("source = 'mnist'\ntrain = 3").is_err());
        assert!(toml::from_str::<DatasetConfig>("source = 'cifar'").is_err());
    }

    #[test]
    fn path_is_required_or_refused_by_source() {
        assert!(
            message("source = 'idx'").starts_with("dataset.path is missing: the source \"idx\"")
        );
        assert!(message("source = 'folder'").starts_with("dataset.path is missing"));
        assert!(
            message("source = 'mnist'\npath = 'x'")
                .starts_with("dataset.path is x: the source \"mnist\" is built in")
        );
    }

    #[test]
    fn subsets_keep_the_classes_balanced() {
        let (_folder, config) = idx_folder(50, 2);
        let source = load(&format!("{config}train_images = 10\ntest_images = 5")).unwrap();
        let mut labels = source.train.labels().to_vec();
        labels.sort_unstable();
        assert_eq!(labels, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(source.test.len(), 5);
        assert_eq!(
            message(&format!("{config}train_images = 51")),
            "a subset of 51 images is impossible: expected 1 to 50"
        );
    }

    #[test]
    fn class_names_set_the_classes_of_idx_and_must_fit_elsewhere() {
        let (_folder, config) = idx_folder(50, 2);
        assert_eq!(load(&config).unwrap().class_names, ["0", "1", "2", "3", "4"]);
        let source =
            load(&format!("{config}class_names = ['a', 'b', 'c', 'd', 'e', 'f']")).unwrap();
        assert_eq!((source.test.class_count(), source.class_names.len()), (6, 6));
        assert!(message(&format!("{config}class_names = ['a']")).contains("expected 0 to 0"));
        assert_eq!(
            message("source = 'mnist'\nclass_names = ['a']"),
            "dataset.class_names has 1 names: expected 10, one for each class"
        );
    }

    #[test]
    fn normalization_must_fit_the_channels() {
        let (_folder, config) = idx_folder(50, 2);
        let statistics = "normalization = { mean = [0.5, 0.5], standard_deviation = [1.0, 1.0] }";
        assert_eq!(
            message(&format!("{config}{statistics}")),
            "normalization: mean has 2 values, the images have 1 channels"
        );
    }

    #[test]
    fn splits_of_different_shapes_are_refused() {
        let (_folder, config) = idx_folder(50, 3);
        assert_eq!(
            message(&config),
            "training images are 1×1×2, test images are 1×1×3: expected the same shape"
        );
    }
}
