//! Data sets of four IDX files: how the files are found in a folder and joined.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::definition::Request;
use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::files::list;
use crate::idx::{IdxError, read_images, read_labels};
use crate::image_set::ImageSet;
use crate::shape::ImageShape;

/// The file names of MNIST, in the order of [`IdxFiles`].
pub(crate) const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// A file, plain or gzipped, and its name for messages.
pub(crate) struct IdxFile<'a> {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Cow<'a, [u8]>,
}

/// Training images, training labels, test images, test labels.
pub(crate) type IdxFiles<'a> = [IdxFile<'a>; 4];

/// All four files, or the first error. `file` is called with each index of [`NAMES`].
pub(crate) fn each<'a>(
    mut file: impl FnMut(usize) -> Result<IdxFile<'a>, DataError>,
) -> Result<IdxFiles<'a>, DataError> {
    Ok([file(0)?, file(1)?, file(2)?, file(3)?])
}

/// Joins four files to a data set with the classes "0", "1", …. The number of classes is by default
/// the largest label of both splits, plus 1.
pub(crate) fn join(
    files: &IdxFiles,
    class_count: Option<usize>,
    request: &Request,
) -> Result<LoadedDataset, DataError> {
    let preparation = request.preparation()?;
    let [train_images, train_labels, test_images, test_labels] = files;
    let mut train = SplitFiles::read(train_images, train_labels)?;
    let mut test = SplitFiles::read(test_images, test_labels)?;
    if request.options.transpose == Some(true) {
        train.transpose();
        test.transpose();
    }
    request.input.check_shape(train.shape)?;
    let greatest = train.labels.iter().chain(&test.labels).max().copied().unwrap_or(0);
    let class_count = class_count.unwrap_or(usize::from(greatest) + 1);
    Ok(LoadedDataset {
        train: train.into_set(class_count, train_labels)?,
        test: test.into_set(class_count, test_labels)?,
        class_names: (0..class_count).map(|class| class.to_string()).collect(),
        validation: None,
        undivided: None,
        preparation,
        notes: Vec::new(),
    })
}

/// Finds the file `name` in `folder`, with or without `.gz`: under that name, with `.idx` for
/// `-idx` (`train-images.idx3-ubyte`), or else the only file whose name ends that way
/// (`emnist-letters-train-images-idx3-ubyte`).
///
/// # Errors
///
/// [`DataError::FileAmbiguous`] if several names end that way, [`DataError::Read`] if the folder
/// cannot be read.
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

/// Like [`find`], for a file that must exist.
///
/// # Errors
///
/// Those of [`find`], and [`DataError::FileMissing`].
pub(crate) fn require(folder: &Path, name: &str) -> Result<PathBuf, DataError> {
    let missing =
        || DataError::FileMissing { folder: folder.to_path_buf(), name: String::from(name) };
    find(folder, name)?.ok_or_else(missing)
}

/// The variants of a file name. EMNIST and QMNIST name the test split "test" instead of "t10k".
fn endings(name: &str) -> Vec<String> {
    [String::from(name), name.replace("t10k", "test")]
        .into_iter()
        .flat_map(|name| [name.replace("-idx", ".idx"), name])
        .flat_map(|name| [format!("{name}.gz"), name])
        .collect()
}

/// The images and labels of one split, before the number of classes is known.
struct SplitFiles {
    shape: ImageShape,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl SplitFiles {
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

    /// Exchanges rows and columns.
    fn transpose(&mut self) {
        let ImageShape { channels, height, width } = self.shape;
        for image in self.pixels.chunks_exact_mut(height * width) {
            let rows = image.to_vec();
            for (at, level) in image.iter_mut().enumerate() {
                *level = rows[at % height * width + at / height];
            }
        }
        self.shape = ImageShape { channels, height: width, width: height };
    }

    fn into_set(self, class_count: usize, labels_file: &IdxFile) -> Result<ImageSet, DataError> {
        let labels = self.labels.into_iter().map(u16::from).collect();
        ImageSet::new(self.shape, self.pixels, labels, class_count).map_err(|error| match error {
            DataError::Label { index, label, class_count } => {
                in_file(labels_file, IdxError::Label { index, label, class_count })
            }
            other => other,
        })
    }
}

fn in_file(file: &IdxFile, problem: IdxError) -> DataError {
    DataError::Idx { file: file.path.clone(), problem }
}
