//! Errors of settings, files and downloads.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use burn_dataset::DatasetError;
use thiserror::Error;

use crate::idx::IdxError;
use crate::npy::NpzError;
use crate::printable::{printable, printable_path};
use crate::shape::ImageShape;

/// The file of labels that a folder of pictures may have.
pub(crate) const LABELS_FILE: &str = "labels.csv";

/// A picture file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableFile {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub problem: String,
}

/// All files and the remedy.
fn unreadable_message(files: &[UnreadableFile]) -> String {
    let noun = if files.len() == 1 { "picture" } else { "pictures" };
    let lines = files
        .iter()
        .map(|file| format!("\n  {}: {}", printable_path(&file.path), printable(&file.problem)));
    format!(
        "{} {noun} cannot be used:{}\nrepair or remove the files, or set dataset.skip_unreadable = \
         true to go on without them",
        files.len(),
        lines.collect::<String>(),
    )
}

/// Why settings or data are refused. Messages name the place and, where there is one, the remedy.
#[derive(Debug, Error)]
pub enum DataError {
    /// A setting is outside its range.
    #[error("{key} is {value}: expected {expected}")]
    Setting {
        /// The setting's dotted path in a config.
        key: &'static str,
        /// The value in the config.
        value: String,
        /// The accepted values.
        expected: String,
    },
    /// Fewer folds than 2, or more than images.
    #[error("{count} folds of {images} images: take at least 2 folds, and no more than images")]
    Folds {
        /// The refused number of folds.
        count: usize,
        /// Number of images.
        images: usize,
    },
    /// There is no source of this name.
    #[error("there is no source \"{name}\": expected one of {known}")]
    UnknownSource {
        /// The unknown name.
        name: String,
        /// The names of all sources, separated by commas.
        known: String,
    },
    /// The source reads a folder, but none is given.
    #[error(
        "dataset.path is missing: the source \"{source_name}\" reads a folder, set the key to it"
    )]
    PathMissing {
        /// The source's name.
        source_name: &'static str,
    },
    /// A folder is given for a source that is built in.
    #[error(
        "dataset.path is {}: the source \"{source_name}\" is built in, remove the key",
        printable_path(path)
    )]
    PathRefused {
        /// The source's name.
        source_name: &'static str,
        /// The folder in the config.
        path: PathBuf,
    },
    /// The number of class names differs from the number of classes.
    #[error("dataset.class_names has {found} names: expected {expected}, one for each class")]
    ClassNames {
        /// Number of classes.
        expected: usize,
        /// Number of names.
        found: usize,
    },
    /// A subset has no images, or more than there are.
    #[error("a subset of {count} images is impossible: expected 1 to {available}")]
    Subset {
        /// The requested number of images.
        count: usize,
        /// The number of images that there are.
        available: usize,
    },
    /// The mean or the standard deviation cannot be used for normalization.
    #[error("normalization: {problem}")]
    Normalization {
        /// What is wrong with them.
        problem: String,
    },

    /// An image has a side of zero pixels.
    #[error("images of {shape} have no pixels")]
    EmptyShape {
        /// The shape.
        shape: ImageShape,
    },
    /// The number of pixels differs from what the shape requires.
    #[error("{count} images of {shape} take {expected} pixels, found {found}")]
    PixelCount {
        /// The shape of one image.
        shape: ImageShape,
        /// Number of images.
        count: usize,
        /// The required number of pixels.
        expected: usize,
        /// The number of pixels found.
        found: usize,
    },
    /// A set has no images.
    #[error("there are no images")]
    NoImages,
    /// There are no classes, or too many.
    #[error("there are {found} classes: expected 1 to 65536")]
    ClassCount {
        /// Number of classes.
        found: usize,
    },
    /// A label is outside the classes.
    #[error("image {index} has the label {label}: expected 0 to {}", class_count - 1)]
    Label {
        /// The image's index.
        index: usize,
        /// Its label.
        label: u16,
        /// Number of classes.
        class_count: usize,
    },
    /// The images of both splits have different shapes.
    #[error("training images are {train}, test images are {test}: expected the same shape")]
    ShapesDiffer {
        /// Shape of the training images.
        train: ImageShape,
        /// Shape of the test images.
        test: ImageShape,
    },

    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", printable_path(path))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", printable_path(path))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A name that becomes part of the data, such as a class, is not UTF-8.
    #[error("{path:?}: the name is not UTF-8: rename it")]
    NotUtf8 {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file is not in IDX format, or damaged.
    #[error("{}: {problem}", printable_path(file))]
    Idx {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: IdxError,
    },
    /// A split has another number of labels than of images.
    #[error(
        "{} holds {images} images, {} holds {labels} labels: expected as many of each",
        printable_path(images_file),
        printable_path(labels_file)
    )]
    CountsDiffer {
        /// The file of images.
        images_file: PathBuf,
        /// The number of images in it.
        images: usize,
        /// The file of labels.
        labels_file: PathBuf,
        /// The number of labels in it.
        labels: usize,
    },
    /// One of the four files of an IDX data set is missing.
    #[error("{} holds no {name} or {name}.gz: put it there", printable_path(folder))]
    FileMissing {
        /// The searched folder.
        folder: PathBuf,
        /// The file's usual name.
        name: String,
    },
    /// Several files match the name of one.
    #[error(
        "{} and {} could both be {name}: keep one of them in the folder",
        printable_path(first),
        printable_path(second)
    )]
    FileAmbiguous {
        /// One candidate.
        first: PathBuf,
        /// Another candidate.
        second: PathBuf,
        /// The file's usual name.
        name: String,
    },

    /// A file is not a NumPy archive of images and labels.
    #[error("{}: {problem}", printable_path(file))]
    Npz {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: NpzError,
    },
    /// A file has another content than the published one.
    #[error(
        "{} is not the published file: {problem}; replace it, or delete it from the cache",
        printable_path(file)
    )]
    NotPublished {
        /// The file.
        file: PathBuf,
        /// How it differs.
        problem: Box<dyn Error + Send + Sync>,
    },
    /// A download failed.
    #[error(
        "cannot download {url}: {problem}; put {name} or {name}.gz into {} by hand, or set \
         dataset.path to a folder that has all four files",
        printable_path(folder)
    )]
    Download {
        /// The URL.
        url: String,
        /// The file's usual name.
        name: String,
        /// The cache folder.
        folder: PathBuf,
        /// Why it failed.
        problem: Box<dyn Error + Send + Sync>,
    },
    /// The operating system has no folder for caches.
    #[error(
        "there is no cache folder for downloads: set the environment variable GLYPH_CACHE to a folder"
    )]
    NoCacheFolder,

    /// Picture files cannot be used.
    #[error("{}", unreadable_message(files))]
    Unreadable {
        /// All of them; at least one.
        files: Vec<UnreadableFile>,
    },
    /// A picture file is not what it was when the data set was loaded.
    #[error("{}: the picture has changed: keep the files as they are while they are used", path.display())]
    PictureChanged {
        /// The file.
        path: PathBuf,
    },
    /// Pictures have several sizes, and no size is set.
    #[error(
        "the pictures of {} have {sizes} (height×width): set \
         input.size to the size that the network shall see, for example input.size = {proposed}",
        printable_path(folder)
    )]
    SeveralSizes {
        /// The data set's folder.
        folder: PathBuf,
        /// Their number, the smallest and the largest.
        sizes: String,
        /// A size that would do.
        proposed: usize,
    },
    /// A folder has no pictures in class folders.
    #[error(
        "{} holds no pictures in class folders: expected CLASS/*.png (or JPEG, BMP, GIF, TIFF, WebP), \
         train/CLASS/* and test/CLASS/*, or a {LABELS_FILE} with the columns file and label",
        printable_path(folder)
    )]
    NoPictures {
        /// The folder.
        folder: PathBuf,
    },
    /// Two folders could be the same split.
    #[error(
        "{} and {} could both be the {split} split: keep one",
        printable_path(first),
        printable_path(second)
    )]
    SplitAmbiguous {
        /// One folder.
        first: PathBuf,
        /// The other folder.
        second: PathBuf,
        /// The split's usual name.
        split: &'static str,
    },
    /// A file of labels or of corrections cannot be used.
    #[error("{}{}: {}", printable_path(file), line.map(|line| format!(":{line}")).unwrap_or_default(), printable(problem))]
    Labels {
        /// The file.
        file: PathBuf,
        /// The line, from 1, if it is one line's mistake.
        line: Option<u64>,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A class of another split is missing in the training split.
    #[error(
        "{}: the class \"{}\" has no training pictures: add some or remove it",
        printable(place),
        printable(class)
    )]
    UnknownClass {
        /// The folder or file of the split.
        place: String,
        /// The class.
        class: String,
    },

    /// A dataset failed to return an image.
    #[error("cannot get image {index}: {source}")]
    Dataset {
        /// The image's index.
        index: usize,
        /// The dataset's reason.
        source: DatasetError,
    },
    /// An image has another shape than its loader expects.
    #[error("image {index} is {found}: expected {expected}")]
    ImageShape {
        /// The image's index.
        index: usize,
        /// The loader's shape.
        expected: ImageShape,
        /// The image's shape.
        found: ImageShape,
    },
    /// An index is beyond the end of a dataset.
    #[error("there is no image {index}: the dataset has {length} images")]
    NoSuchImage {
        /// The index.
        index: usize,
        /// The number of images in the dataset.
        length: usize,
    },
    /// A worker thread of a loader panicked.
    #[error("a loader thread panicked: {message}")]
    WorkerPanicked {
        /// The panic's message.
        message: String,
    },
}
