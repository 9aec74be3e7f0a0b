//! What can be wrong with data, with the place and the remedy.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use burn_dataset::DatasetError;
use thiserror::Error;

use crate::idx::IdxError;
use crate::shape::ImageShape;

/// Everything that this crate refuses.
#[derive(Debug, Error)]
pub enum DataError {
    /// A setting outside its range.
    #[error("{key} is {value}: expected {expected}")]
    Setting {
        /// The setting's path in the config file.
        key: &'static str,
        /// What the user wrote.
        value: String,
        /// What is accepted.
        expected: String,
    },
    /// A source that does not exist.
    #[error("there is no source \"{name}\": expected one of {known}")]
    UnknownSource {
        /// The unknown name.
        name: String,
        /// The names of all sources, separated by commas.
        known: String,
    },
    /// A source that lies in a folder, without the folder.
    #[error("dataset.path is missing: the source \"{source_name}\" reads a folder, name it there")]
    PathMissing {
        /// The source's name.
        source_name: &'static str,
    },
    /// A folder for a source that has none.
    #[error(
        "dataset.path is {}: the source \"{source_name}\" is built in, remove the key",
        path.display()
    )]
    PathRefused {
        /// The source's name.
        source_name: &'static str,
        /// The folder that the user gave.
        path: PathBuf,
    },
    /// As many class names as there are no classes.
    #[error("dataset.class_names has {found} names: expected {expected}, one for each class")]
    ClassNames {
        /// Number of classes.
        expected: usize,
        /// Number of names.
        found: usize,
    },
    /// A subset of none or of more images than there are.
    #[error("a subset of {count} images was asked for: expected 1 to {available}")]
    Subset {
        /// Images asked for.
        count: usize,
        /// Images there are.
        available: usize,
    },
    /// Statistics that nothing can be normalized with.
    #[error("normalization: {problem}")]
    Normalization {
        /// The broken rule.
        problem: String,
    },

    /// An image with a side of zero.
    #[error("images of {shape} have no pixels")]
    EmptyShape {
        /// The refused shape.
        shape: ImageShape,
    },
    /// Pixels that do not fill the images.
    #[error("{count} images of {shape} take {expected} pixels, found {found}")]
    PixelCount {
        /// The shape of one image.
        shape: ImageShape,
        /// Number of images.
        count: usize,
        /// Pixels they take.
        expected: usize,
        /// Pixels there are.
        found: usize,
    },
    /// A set without images.
    #[error("there are no images")]
    NoImages,
    /// A number of classes that labels of one byte cannot tell apart.
    #[error("there are {found} classes: expected 1 to 256")]
    ClassCount {
        /// Number of classes.
        found: usize,
    },
    /// A label that is no class.
    #[error("image {index} has the label {label}: expected 0 to {}", class_count - 1)]
    Label {
        /// The image's index.
        index: usize,
        /// Its label.
        label: u8,
        /// Number of classes.
        class_count: usize,
    },
    /// Training and test images that no one network could take.
    #[error("training images are {train}, test images are {test}: expected the same shape")]
    ShapesDiffer {
        /// Shape of the training images.
        train: ImageShape,
        /// Shape of the test images.
        test: ImageShape,
    },

    /// A file or folder that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file or folder that cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file that should be in IDX format.
    #[error("{}: {problem}", file.display())]
    Idx {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: IdxError,
    },
    /// A split whose labels are not those of its images.
    #[error(
        "{} holds {images} images, {} holds {labels} labels: expected as many of each",
        images_file.display(), labels_file.display()
    )]
    CountsDiffer {
        /// The file of images.
        images_file: PathBuf,
        /// Images in it.
        images: usize,
        /// The file of labels.
        labels_file: PathBuf,
        /// Labels in it.
        labels: usize,
    },
    /// One of the four files of an IDX data set is not there.
    #[error("{} holds no {name} or {name}.gz: put it there", folder.display())]
    FileMissing {
        /// The searched folder.
        folder: PathBuf,
        /// The file's usual name.
        name: String,
    },
    /// Several files could be the one that is looked for.
    #[error(
        "{} and {} could both be {name}: keep one of them in the folder",
        first.display(), second.display()
    )]
    FileAmbiguous {
        /// One candidate.
        first: PathBuf,
        /// Another candidate.
        second: PathBuf,
        /// The file's usual name.
        name: String,
    },

    /// A published file with other content.
    #[error(
        "{} is not the published file: {problem}; replace it, or delete it from the cache",
        file.display()
    )]
    NotPublished {
        /// The file.
        file: PathBuf,
        /// How it differs.
        problem: Box<dyn Error + Send + Sync>,
    },
    /// A download that failed.
    #[error(
        "cannot download {url}: {problem}; put {name} or {name}.gz into {} by hand, or name a \
         folder that holds all four files as dataset.path",
        folder.display()
    )]
    Download {
        /// Where it was looked for.
        url: String,
        /// The file's usual name.
        name: String,
        /// Where it belongs.
        folder: PathBuf,
        /// Why it failed.
        problem: Box<dyn Error + Send + Sync>,
    },
    /// An operating system without a folder for caches.
    #[error("no folder to keep downloads in: name one in the environment variable GLYPH_CACHE")]
    NoCacheFolder,

    /// A picture file that is none.
    #[error("{}: {source}", file.display())]
    Picture {
        /// The file.
        file: PathBuf,
        /// The decoder's reason.
        source: image::ImageError,
    },
    /// A picture of another size than the first one.
    #[error(
        "{} is {found} pixels (height×width): expected {expected} like the first picture",
        file.display()
    )]
    PictureSize {
        /// The file.
        file: PathBuf,
        /// Height and width of the first picture.
        expected: String,
        /// Height and width of this one.
        found: String,
    },
    /// A folder without class folders.
    #[error("{} holds no class folders: expected CLASS/*.png or *.jpg in it", folder.display())]
    NoClasses {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder of class folders without any picture.
    #[error("{} holds no pictures: expected CLASS/*.png or *.jpg in it", folder.display())]
    NoPictures {
        /// The folder.
        folder: PathBuf,
    },
    /// A test class that nothing was learnt about.
    #[error(
        "{} is a class that {} does not have: add training pictures or remove it",
        folder.display(), train.display()
    )]
    UnknownClass {
        /// The class's folder.
        folder: PathBuf,
        /// The folder of training classes.
        train: PathBuf,
    },

    /// A dataset that could not give an image.
    #[error("cannot get image {index}: {source}")]
    Dataset {
        /// The image's index.
        index: usize,
        /// The dataset's reason.
        source: DatasetError,
    },
    /// A dataset that gave an image of another shape than its loader was made for.
    #[error("image {index} is {found}: expected {expected}")]
    ImageShape {
        /// The image's index.
        index: usize,
        /// The loader's shape.
        expected: ImageShape,
        /// The image's shape.
        found: ImageShape,
    },
    /// An index beyond the end of a dataset.
    #[error("image {index} was asked for: the dataset has {length}")]
    NoSuchImage {
        /// The index.
        index: usize,
        /// Images there are.
        length: usize,
    },
    /// A loader's thread that ended by a panic.
    #[error("a loader thread panicked: {message}")]
    WorkerPanicked {
        /// What it said.
        message: String,
    },
}
