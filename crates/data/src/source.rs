//! Data sets: the `[dataset]` section of a config, and the sources that it can name.
//!
//! A source is one file with a [`Source`](definition::Source) in it, and one line in `registry.rs`.
//! A source that downloads IDX files is a [`PublishedDataset`](published::PublishedDataset): a
//! mirror, checksums and class names; `fashion_mnist.rs` is the example. Downloading, checksums and
//! caching are in `published.rs`.

mod class_names;
mod config;
mod corrections;
mod definition;
mod download;
mod fashion_mnist;
mod folder;
mod idx;
mod idx_files;
mod load;
mod loaded;
mod mnist;
mod name;
mod npz;
mod pool;
mod published;
mod registry;
mod split_name;

pub use self::class_names::ClassNames;
pub use self::config::DatasetConfig;
pub use self::download::Download;
pub use self::folder::{
    ClassSize, FOLDER_CONFIG, PictureSize, RUN_MARKER, Sizes, SplitSizes, Survey, UnreadablePicture,
};
pub use self::loaded::LoadedDataset;
pub use self::name::SourceName;
