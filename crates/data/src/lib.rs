//! Images in, batches of normalized floats out.
//!
//! This crate owns the path from bytes on disk to a network's input: validated `u8` images with
//! labels ([`DatasetConfig::load`]), the split into training and validation ([`train_validation`]),
//! and for every epoch the order, the augmentation and the normalization ([`Loader`]). It is the
//! only place where pixels become floats ([`Normalizer`]).
//!
//! Damaged files, sizes that disagree, labels outside the classes and settings outside their range
//! are [`DataError`]s, which name the place and, where there is one, the remedy. The crate prints
//! nothing and has no tensors. All randomness is a function of the seed, the epoch and the image's
//! index, never of thread timing.

mod augment;
mod checksum;
#[cfg(test)]
mod config_keys;
mod corruption;
mod duplicates;
mod error;
mod file_identity;
mod files;
mod filters;
mod idx;
mod image;
mod image_set;
mod line_negatives;
mod loader;
mod near_duplicates;
mod normalization;
mod npy;
mod outliers;
mod picture_facts;
mod picture_store;
mod preparation;
mod printable;
mod random;
mod ranges;
mod shape;
mod source;
mod split;
mod split_size;
mod targets;

pub use crate::augment::{
    AugmentConfig, Augmentation, ElasticConfig, EraseConfig, FlipConfig, MixingConfig, Policy,
    RandomRange, SampleKey, rotate_and_scale,
};
pub use crate::checksum::sha256;
pub use crate::corruption::{Corruption, CorruptionFamily};
pub use crate::duplicates::{Duplicate, DuplicateGroup, duplicates};
pub use crate::error::DataError;
pub use crate::file_identity::FileIdentity;
pub use crate::files::{
    LARGEST_FILE, LARGEST_TEXT, TEMPORARY_PREFIX, open_in_place, open_regular, read_regular,
    refuse_link, utf8_name, write_whole, write_whole_if,
};
pub use crate::idx::IdxError;
pub use crate::image::{Image, LabelledImage};
pub use crate::image_set::ImageSet;
pub use crate::line_negatives::{LineNegatives, LineNegativesConfig};
pub use crate::loader::{Batch, Batches, Loader, LoaderOptions, Partners};
pub use crate::normalization::{Normalization, Normalizer};
pub use crate::npy::NpzError;
pub use crate::outliers::{Outliers, OutliersConfig};
pub use crate::preparation::{
    Background, Fit, InputConfig, InputSize, Polarity, Preparation, PreparationKind, Prepared,
};
pub use crate::printable::{printable, printable_path};
pub use crate::shape::ImageShape;
pub use crate::source::{
    ClassNames, ClassSize, DatasetConfig, Download, FOLDER_CONFIG, LoadedDataset, PictureSize,
    RUN_MARKER, Sizes, SourceName, SplitSizes, Survey, UnreadablePicture,
};
pub use crate::split::{Split, folds, subset, train_validation};
pub use crate::split_size::SplitSize;
pub use crate::targets::{Label, Targets};
