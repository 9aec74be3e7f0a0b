//! The four IDX files that make a data set: where they lie in a folder and how they fit together.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::loaded::Source;
use crate::error::DataError;
use crate::files::{list, read_file};
use crate::idx::{IdxError, read_images, read_labels};
use crate::image_set::ImageSet;
use crate::shape::ImageShape;

/// The usual names, in the order of [`IdxFiles`].
pub(crate) const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// A file, plain or gzipped, and what to call it in a message.
pub(crate) struct IdxFile<'a> {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Cow<'a, [u8]>,
}

/// Training images, training labels, test images, test labels.
pub(crate) type IdxFiles<'a> = [IdxFile<'a>; 4];

/// Reads the data set in `folder`. `class_count` is by default one more than the greatest label of
/// both splits.
pub(crate) fn load(folder: &Path, class_count: Option<usize>) -> Result<Source, DataError> {
    let files = each(|index| {
        let path = require(folder, NAMES[index])?;
        let bytes = read_file(&path)?.into();
        Ok(IdxFile { path, bytes })
    });
    join(&files?, class_count)
}

/// All four files, or the first error. `file` gets the index of each in [`NAMES`].
pub(crate) fn each<'a>(
    mut file: impl FnMut(usize) -> Result<IdxFile<'a>, DataError>,
) -> Result<IdxFiles<'a>, DataError> {
    Ok([file(0)?, file(1)?, file(2)?, file(3)?])
}

/// Makes a data set of its four files, its classes named "0", "1", ….
pub(crate) fn join(files: &IdxFiles, class_count: Option<usize>) -> Result<Source, DataError> {
    let [train_images, train_labels, test_images, test_labels] = files;
    let train = Part::read(train_images, train_labels)?;
    let test = Part::read(test_images, test_labels)?;
    let greatest = train.labels.iter().chain(&test.labels).max().copied().unwrap_or(0);
    let class_count = class_count.unwrap_or(usize::from(greatest) + 1);
    Ok(Source {
        train: train.into_set(class_count, train_labels)?,
        test: test.into_set(class_count, test_labels)?,
        class_names: (0..class_count).map(|class| class.to_string()).collect(),
    })
}

/// Finds the file called `name` in `folder`, with or without `.gz`: under that very name, with
/// `.idx` for `-idx` (`train-images.idx3-ubyte`), or else the only one that so ends
/// (`emnist-letters-train-images-idx3-ubyte`).
pub(crate) fn find(folder: &Path, name: &str) -> Result<Option<PathBuf>, DataError> {
    let endings = endings(name);
    for ending in &endings {
        let path = folder.join(ending);
        if path.is_file() {
            return Ok(Some(path));
        }
    }
    let mut found: Option<PathBuf> = None;
    for path in list(folder)? {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        if endings.iter().any(|ending| file_name.ends_with(ending)) {
            if let Some(first) = found {
                return Err(DataError::FileAmbiguous {
                    first,
                    second: path,
                    name: String::from(name),
                });
            }
            found = Some(path);
        }
    }
    Ok(found)
}

/// Like [`find`], for a file that must be there.
pub(crate) fn require(folder: &Path, name: &str) -> Result<PathBuf, DataError> {
    let missing =
        || DataError::FileMissing { folder: folder.to_path_buf(), name: String::from(name) };
    find(folder, name)?.ok_or_else(missing)
}

/// The ways to write a file name; EMNIST and QMNIST call the test split "test" where MNIST says
/// "t10k".
fn endings(name: &str) -> Vec<String> {
    [String::from(name), name.replace("t10k", "test")]
        .into_iter()
        .flat_map(|name| [name.replace("-idx", ".idx"), name])
        .flat_map(|name| [format!("{name}.gz"), name])
        .collect()
}

/// The images of one split, not yet tied to a number of classes.
struct Part {
    shape: ImageShape,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Part {
    fn read(images_file: &IdxFile, labels_file: &IdxFile) -> Result<Self, DataError> {
        let images =
            read_images(&images_file.bytes).map_err(|problem| in_file(images_file, problem))?;
        let labels =
            read_labels(&labels_file.bytes).map_err(|problem| in_file(labels_file, problem))?;
        if images.count != labels.len() {
            return Err(DataError::CountsDiffer {
                images_file: images_file.path.clone(),
                images: images.count,
                labels_file: labels_file.path.clone(),
                labels: labels.len(),
            });
        }
        Ok(Self { shape: images.shape, pixels: images.pixels, labels })
    }

    fn into_set(self, class_count: usize, labels_file: &IdxFile) -> Result<ImageSet, DataError> {
        ImageSet::new(self.shape, self.pixels, self.labels, class_count).map_err(
            |error| match error {
                DataError::Label { index, label, class_count } => {
                    in_file(labels_file, IdxError::Label { index, label, class_count })
                }
                other => other,
            },
        )
    }
}

fn in_file(file: &IdxFile, problem: IdxError) -> DataError {
    DataError::Idx { file: file.path.clone(), problem }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

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
