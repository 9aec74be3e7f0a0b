//! The source `idx`: four files in MNIST's format, in a folder.

use super::definition::{Request, Source};
use super::idx_files::{IdxFile, NAMES, each, join, require};
use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::files::{LARGEST_FILE, read_file};

/// KMNIST, EMNIST, QMNIST and every other data set in MNIST's format.
pub(crate) const SOURCE: Source =
    Source { name: "idx", load, mnist_form: false, label_errors: &[] };

/// Reads the four files. The number of classes is by default the largest label of both splits, plus
/// 1.
fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    let folder = request.require_folder()?;
    let files = each(|index| {
        let path = require(folder, NAMES[index])?;
        let bytes = read_file(&path, LARGEST_FILE)?.into();
        Ok(IdxFile { path, bytes })
    });
    join(&files?, request.class_count)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn load(folder: &Path, class_count: Option<usize>) -> Result<LoadedDataset, DataError> {
        let progress = &mut |_| panic!("downloaded");
        super::load(&mut Request { source: "idx", folder: Some(folder), class_count, progress })
    }

    const IMAGES: [u8; 20] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
    const LABELS: [u8; 10] = [0, 0, 8, 1, 0, 0, 0, 2, 0, 4];

    fn folder(names: [&str; 4]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in names.iter().zip([&IMAGES[..], &LABELS, &IMAGES, &LABELS]) {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn every_customary_name_is_found() {
        for names in [
            NAMES,
            NAMES.map(|name| name.replace("-idx", ".idx")).each_ref().map(String::as_str),
            NAMES
                .map(|name| format!("emnist-letters-{}", name.replace("t10k", "test")))
                .each_ref()
                .map(String::as_str),
            NAMES.map(|name| format!("{name}.gz")).each_ref().map(String::as_str),
        ] {
            let source = load(folder(names).path(), None).unwrap();
            assert_eq!((source.train.len(), source.test.pixels(1)), (2, &[3, 4][..]), "{names:?}");
            assert_eq!(source.class_names, ["0", "1", "2", "3", "4"]);
        }
    }

    #[test]
    fn missing_file_is_named() {
        let folder = folder(NAMES);
        fs::remove_file(folder.path().join(NAMES[2])).unwrap();
        let message = load(folder.path(), None).unwrap_err().to_string();
        assert!(
            message.ends_with(
                "holds no t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz: put it there"
            ),
            "{message}"
        );
        assert!(matches!(load(&folder.path().join("nowhere"), None), Err(DataError::Read { .. })));
    }

    #[test]
    fn two_candidates_are_refused_unless_one_has_the_exact_name() {
        let folder = folder(NAMES.map(|name| format!("a-{name}")).each_ref().map(String::as_str));
        fs::write(folder.path().join("b-train-images-idx3-ubyte"), IMAGES).unwrap();
        assert!(matches!(load(folder.path(), None), Err(DataError::FileAmbiguous { .. })));
        fs::write(folder.path().join("train-images-idx3-ubyte"), IMAGES).unwrap();
        assert!(load(folder.path(), None).is_ok());
    }

    #[test]
    fn label_outside_the_classes_names_file_and_index() {
        let folder = folder(NAMES);
        let message = load(folder.path(), Some(3)).unwrap_err().to_string();
        assert!(
            message
                .ends_with("train-labels-idx1-ubyte: has the label 4 at index 1: expected 0 to 2"),
            "{message}"
        );
        assert_eq!(load(folder.path(), Some(7)).unwrap().test.class_count(), 7);
    }

    #[test]
    fn counts_that_differ_name_both_files() {
        let folder = folder(NAMES);
        fs::write(folder.path().join(NAMES[1]), [0, 0, 8, 1, 0, 0, 0, 1, 0]).unwrap();
        assert!(matches!(
            load(folder.path(), None),
            Err(DataError::CountsDiffer { images: 2, labels: 1, .. })
        ));
    }
}
