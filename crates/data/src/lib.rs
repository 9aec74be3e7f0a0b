//! Images in, batches of normalized floats out.
//!
//! This crate owns the road from bytes on disk to what a network eats: validated `u8` images with
//! labels ([`DatasetConfig::load`]), the split into training and validation ([`train_validation`]),
//! and for every epoch the order, the distortion and the normalization ([`Loader`]). It is the only
//! place where pixels become floats ([`Normalizer`]).
//!
//! It refuses to guess: damaged files, sizes that disagree, labels that are no class and settings
//! outside their range are [`DataError`]s that name the place and, where there is one, the remedy.
//! It prints nothing and knows no tensors. All randomness is a function of the seed, the epoch and
//! the image's index, never of thread timing.

mod augment;
mod checksum;
mod duplicates;
mod error;
mod files;
mod idx;
mod image;
mod image_set;
mod line_negatives;
mod loader;
mod normalization;
mod random;
mod ranges;
mod shape;
mod source;
mod split;
mod validation_size;

pub use crate::augment::{AugmentConfig, Augmentation, ElasticConfig, EraseConfig, SampleKey};
pub use crate::checksum::sha256;
pub use crate::duplicates::{Duplicate, DuplicateGroup, duplicates};
pub use crate::error::DataError;
pub use crate::files::{TEMPORARY_PREFIX, write_whole};
pub use crate::idx::IdxError;
pub use crate::image::{Image, LabelledImage};
pub use crate::image_set::ImageSet;
pub use crate::line_negatives::{LineNegatives, LineNegativesConfig};
pub use crate::loader::{Batch, Batches, Loader, LoaderOptions};
pub use crate::normalization::{Normalization, Normalizer};
pub use crate::shape::ImageShape;
pub use crate::source::{DatasetConfig, Download, LoadedDataset, SourceName};
pub use crate::split::{Split, subset, train_validation};
pub use crate::validation_size::ValidationSize;
