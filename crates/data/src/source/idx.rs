//! The source `idx`: four files in MNIST's format, in a folder.

use std::path::Path;

use super::definition::{Request, Source};
use super::idx_files::{IdxFile, NAMES, each, join, require};
use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::files::{LARGEST_FILE, read_file};

/// KMNIST, EMNIST, QMNIST and every other data set in MNIST's format.
pub(crate) const SOURCE: Source = Source {
    name: "idx",
    load,
    mnist_form: false,
    reads_pictures: false,
    label_errors: &[],
    keys: &["transpose"],
};

/// Reads the four files. The number of classes is by default the largest label of both splits, plus
/// 1.
fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    let folder = request.require_path()?;
    let files = each(|index| {
        let path = require(folder, NAMES[index])?;
        let bytes = read_file(&path, LARGEST_FILE)?.into();
        Ok(IdxFile { path, bytes })
    });
    let files = files?;
    let mut dataset = join(&files, request.class_count(), request)?;
    if request.options.transpose.is_none() && is_emnist(&files[0].path) {
        dataset.notes.push(String::from(
            "EMNIST's files have rows and columns exchanged: set dataset.transpose = true to have \
             upright images, or false to keep them",
        ));
    }
    Ok(dataset)
}

fn is_emnist(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.starts_with("emnist")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::source::definition::SourceOptions;

    fn load(folder: &Path, class_count: Option<usize>) -> Result<LoadedDataset, DataError> {
        load_transposed(folder, class_count, None)
    }

    fn load_transposed(
        folder: &Path,
        class_count: Option<usize>,
        transpose: Option<bool>,
    ) -> Result<LoadedDataset, DataError> {
        super::load(&mut Request {
            class_names: class_count.map(|count| vec![String::new(); count]),
            options: SourceOptions { transpose, ..SourceOptions::default() },
            ..Request::in_test("idx", Some(folder))
        })
    }

    #[test]
    fn transposed_images_exchange_rows_and_columns() {
        let folder = folder(NAMES);
        let images = [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3][..], &[1, 2, 3, 4, 5, 6]];
        for name in [NAMES[0], NAMES[2]] {
            fs::write(folder.path().join(name), [images[0], images[1], images[1]].concat())
                .unwrap();
        }
        let set = load_transposed(folder.path(), None, Some(true)).unwrap().train;
        assert_eq!((set.shape().height, set.shape().width), (3, 2));
        assert_eq!(set.image(1).unwrap().pixels(), [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn files_of_emnist_are_noted_until_the_key_says_how_they_are() {
        let names = NAMES.map(|name| format!("emnist-letters-{name}"));
        let folder = folder(names.each_ref().map(String::as_str));
        let notes = |transpose| load_transposed(folder.path(), None, transpose).unwrap().notes;
        assert!(notes(None)[0].contains("dataset.transpose = true"), "{:?}", notes(None));
        assert!(notes(Some(true)).is_empty() && notes(Some(false)).is_empty());
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
            assert_eq!(
                (source.train.len(), source.test.image(1).unwrap().pixels()),
                (2, &[3, 4][..]),
                "{names:?}"
            );
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
