//! Loading the data set of a config.

use super::config::DatasetConfig;
use super::corrections::Corrections;
use super::definition::{Request, SourceOptions};
use super::download::Download;
use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::preparation::InputConfig;
use crate::split::subset;

impl DatasetConfig {
    /// Reads the images, selects `train_images` and `test_images` of them by `seed`, and applies the
    /// corrections. Pictures become images as `input` says. `progress` is called while files are
    /// downloaded.
    ///
    /// # Errors
    ///
    /// A [`DataError`] that names the setting, file or URL at fault.
    pub fn load(
        &self,
        input: &InputConfig,
        seed: u64,
        progress: &mut dyn FnMut(Download),
    ) -> Result<LoadedDataset, DataError> {
        let names = self.class_names.as_ref();
        let class_names = names.map(|names| names.read(self.path.as_deref())).transpose()?;
        let mut source = self.source.load(&mut Request {
            source: self.source.as_str(),
            path: self.path.as_deref(),
            class_names: class_names.clone(),
            input,
            mnist_form: self.source.has_mnist_form(),
            options: SourceOptions {
                labels: self.labels.as_ref(),
                test: self.test,
                skip_unreadable: self.skip_unreadable,
                transpose: self.transpose,
                in_memory: self.in_memory,
            },
            seed,
            progress,
        })?;
        if let Some(names) = class_names {
            if names.len() != source.class_names.len() {
                return Err(DataError::ClassNames {
                    expected: source.class_names.len(),
                    found: names.len(),
                });
            }
            source.class_names = names;
        }
        let (train, test) = (source.train.shape(), source.test.shape());
        if train != test {
            return Err(DataError::ShapesDiffer { train, test });
        }
        if let Some(normalization) = &self.normalization {
            normalization.validate(train.channels)?;
        }
        // Corrections name images of the whole split. They come last, so that an audited subset stays
        // the same one.
        let corrections =
            self.corrections.as_deref().map(|file| Corrections::read(file, &source)).transpose()?;
        if let Some(count) = self.train_images {
            source.take_train_images(count, seed)?;
        }
        if let Some(count) = self.test_images {
            source.test = source.test.select(&subset(&source.test, count, seed)?)?;
        }
        if let Some(corrections) = corrections {
            corrections.apply(&mut source)?;
        }
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load(config: &str) -> Result<LoadedDataset, DataError> {
        let config: DatasetConfig = toml::from_str(config).unwrap();
        config.load(&InputConfig::default(), 42, &mut |_| panic!("downloaded"))
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
    fn corrections_change_the_training_split_of_every_source() {
        let (folder, config) = idx_folder(10, 2);
        let file = folder.path().join("corrections.csv");
        fs::write(&file, "index,action,label\n0,drop,\n1,relabel,4\n").unwrap();
        let source = load(&format!("{config}corrections = '{}'", file.display())).unwrap();
        assert_eq!(source.train.labels(), [4, 2, 3, 4, 0, 1, 2, 3, 4]);
        assert_eq!(source.notes, ["corrections.csv: training images relabelled: 1, dropped: 1"]);
        fs::remove_file(&file).unwrap();
        let refused = message(&format!("{config}corrections = '{}'", file.display()));
        assert!(
            refused.contains("cannot read") && refused.contains("corrections.csv"),
            "{refused}"
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
