//! Batches of normalized images, prepared ahead by worker threads.
//!
//! A batch depends only on the seed, the epoch and its index. With w workers, worker k makes
//! batches k, k + w, k + 2w, … and the consumer takes them in turn, so that every number of workers
//! yields the same bytes in the same order.

mod batch;
mod batches;
mod epoch;
mod options;

use std::sync::Arc;

use burn_dataset::Dataset;
use rand::seq::SliceRandom;

use self::epoch::{Epoch, Recipe};
use crate::error::DataError;
use crate::image::LabelledImage;
use crate::normalization::Normalizer;
use crate::random::{Purpose, stream};

pub use self::batch::{Batch, Partners};
pub use self::batches::Batches;
pub use self::options::LoaderOptions;

/// Yields the batches of any epoch. Cloning it copies a pointer.
#[derive(Clone)]
pub struct Loader(Arc<Recipe>);

impl Loader {
    /// A loader of the images of `set` at `indices`, which must have the normalizer's shape.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] if the batch size is zero, [`DataError::NoImages`] without indices,
    /// [`DataError::NoSuchImage`] for an index beyond the set, and [`DataError::ImageShape`] if the
    /// augmentation is for another shape.
    pub fn new(
        set: Arc<dyn Dataset<LabelledImage>>,
        indices: Vec<usize>,
        normalizer: Normalizer,
        options: LoaderOptions,
    ) -> Result<Self, DataError> {
        if options.batch_size == 0 {
            let expected = String::from("at least 1");
            return Err(DataError::Setting {
                key: "train.batch_size",
                value: String::from("0"),
                expected,
            });
        }
        let first = *indices.first().ok_or(DataError::NoImages)?;
        if let Some(&index) = indices.iter().find(|&&index| index >= set.len()) {
            return Err(DataError::NoSuchImage { index, length: set.len() });
        }
        if let Some(augmentation) = &options.augmentation
            && augmentation.shape() != normalizer.shape()
        {
            let (expected, found) = (augmentation.shape(), normalizer.shape());
            return Err(DataError::ImageShape { index: first, expected, found });
        }
        Ok(Self(Arc::new(Recipe { set, indices, normalizer, options })))
    }

    /// Number of labelled images in an epoch.
    #[must_use]
    pub fn num_items(&self) -> usize {
        self.0.indices.len()
    }

    /// Number of batches in an epoch.
    #[must_use]
    pub fn num_batches(&self) -> usize {
        self.num_items().div_ceil(self.0.options.batch_size)
    }

    /// Number of labelled images in every batch except an epoch's last.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.0.options.batch_size
    }

    /// A loader of the images from position `start` to `end`, exclusive, of the indices; the range
    /// is clipped to them.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let Recipe { set, indices, normalizer, options } = &*self.0;
        let indices = indices.iter().take(end).skip(start).copied().collect();
        Self(Arc::new(Recipe {
            set: Arc::clone(set),
            indices,
            normalizer: normalizer.clone(),
            options: options.clone(),
        }))
    }

    /// Starts an epoch, which has every image once.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> Batches {
        self.epoch_from(epoch, 0)
    }

    /// Resumes an epoch at the batch `first_batch`, from 0.
    #[must_use]
    pub fn epoch_from(&self, epoch: u64, first_batch: usize) -> Batches {
        let mut order = self.0.indices.clone();
        if self.0.options.shuffle {
            order.shuffle(&mut stream(Purpose::Shuffle, self.0.options.seed, &[epoch]));
        }
        Batches::start(
            Epoch { recipe: Arc::clone(&self.0), number: epoch, order },
            first_batch,
            self.num_batches(),
            self.0.options.workers,
        )
    }
}

#[cfg(test)]
mod tests;
