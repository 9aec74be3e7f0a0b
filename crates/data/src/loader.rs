//! Batches of normalized images, made ahead by threads.
//!
//! A batch depends on the seed, the epoch and its place only: with w workers, worker k makes
//! batches k, k + w, k + 2w, … and the consumer takes them in turn, so any number of workers gives
//! the same bytes in the same order.

mod batches;

use std::sync::Arc;

use burn_dataset::Dataset;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_pcg::Pcg32;

use crate::cuts::{cut_roughly, cut_wrongly};
use crate::stream::{Purpose, stream};
use crate::{
    Augmentation, Cuts, DataError, Image, ImageShape, LabelledImage, Normalizer, SampleKey,
};

pub use self::batches::Batches;

/// How batches are made.
#[derive(Clone, Debug)]
pub struct LoaderOptions {
    /// Images in a batch, at least 1; an epoch's last batch may be smaller.
    pub batch_size: usize,
    /// Threads that make batches ahead; 0 makes them in the caller's thread.
    pub workers: usize,
    /// The seed of order and distortion.
    pub seed: u64,
    /// Whether each epoch has a random order of its own; otherwise all keep the order of the
    /// indices.
    pub shuffle: bool,
    /// How images are distorted, if at all.
    pub augmentation: Option<Augmentation>,
    /// What the images are cut into before, if anything.
    pub cuts: Option<Cuts>,
}

/// Some images, ready for a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Normalized pixels, `[images, channels, height, width]`: of the images that have a class, then
    /// of pieces that have none ([`CutsConfig::wrong`](crate::CutsConfig::wrong)).
    pub images: Vec<f32>,
    /// The class of each of the first images.
    pub labels: Vec<u8>,
    /// The shape of each image.
    pub shape: ImageShape,
}

impl Batch {
    /// Number of images that have a class; at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Always `false`: a loader makes no empty batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// Makes the batches of any epoch. Cloning it copies a pointer.
#[derive(Clone)]
pub struct Loader(Arc<Recipe>);

/// All that a batch is made of.
struct Recipe {
    set: Arc<dyn Dataset<LabelledImage>>,
    indices: Vec<usize>,
    normalizer: Normalizer,
    options: LoaderOptions,
}

impl Loader {
    /// Loads the images of `set` at `indices`, which have the normalizer's shape.
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

    /// Number of images in an epoch.
    #[must_use]
    pub fn num_items(&self) -> usize {
        self.0.indices.len()
    }

    /// Number of batches in an epoch.
    #[must_use]
    pub fn num_batches(&self) -> usize {
        self.num_items().div_ceil(self.0.options.batch_size)
    }

    /// Images in every batch but an epoch's last.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.0.options.batch_size
    }

    /// A loader of the images from `start` up to `end`, as the indices were given; a range beyond
    /// them is cut.
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

    /// Starts an epoch: every image once.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> Batches {
        self.epoch_from(epoch, 0)
    }

    /// Goes on with an epoch at the batch `first_batch`, counted from 0.
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

/// One epoch's order of images.
struct Epoch {
    recipe: Arc<Recipe>,
    number: u64,
    order: Vec<usize>,
}

impl Epoch {
    /// Makes the batch at `place`, counted from 0.
    fn batch(&self, place: usize) -> Result<Batch, DataError> {
        let Recipe { normalizer, options, .. } = &*self.recipe;
        let start = place * options.batch_size;
        let end = (start + options.batch_size).min(self.order.len());
        let wrong = options.cuts.into_iter().flat_map(|cuts| cuts.wrong_at(start..end));
        let wrong: Vec<usize> = wrong.collect();
        let shape = normalizer.shape();
        let mut images = vec![0.0; (end - start + wrong.len()) * shape.pixels()];
        let (classified, pieces) = images.split_at_mut((end - start) * shape.pixels());
        let mut labels = Vec::with_capacity(end - start);
        for (&index, out) in
            self.order[start..end].iter().zip(classified.chunks_exact_mut(shape.pixels()))
        {
            let LabelledImage { image, label } = self.image(index)?;
            self.distort(index, &self.roughly_cut(index, image)?, out);
            labels.push(label);
        }
        for (place, out) in wrong.into_iter().zip(pieces.chunks_exact_mut(shape.pixels())) {
            let index = self.order[place];
            self.distort(index, &self.wrongly_cut(index)?, out);
        }
        Ok(Batch { images, labels, shape })
    }

    /// An image of the set, if it has the right shape.
    fn image(&self, index: usize) -> Result<LabelledImage, DataError> {
        let found = self.recipe.set.get(index);
        let found = found.map_err(|source| DataError::Dataset { index, source })?;
        let (expected, shape) = (self.recipe.normalizer.shape(), found.image.shape());
        if shape != expected {
            return Err(DataError::ImageShape { index, expected, found: shape });
        }
        Ok(found)
    }

    /// Any of the epoch's images.
    fn neighbour(&self, random: &mut Pcg32) -> Result<Image, DataError> {
        Ok(self.image(self.order[random.random_range(0..self.order.len())])?.image)
    }

    /// The image, cut out of a line if it is its turn.
    fn roughly_cut(&self, index: usize, image: Image) -> Result<Image, DataError> {
        let Some(cuts) = self.recipe.options.cuts else { return Ok(image) };
        let mut random = self.stream(Purpose::RoughCut, index);
        if !cuts.is_rough(&mut random) {
            return Ok(image);
        }
        let neighbour = self.neighbour(&mut random)?;
        Ok(cut_roughly(&image, &neighbour, &mut random))
    }

    /// A piece that is no digit, made with an image.
    fn wrongly_cut(&self, index: usize) -> Result<Image, DataError> {
        let mut random = self.stream(Purpose::WrongCut, index);
        let neighbour = self.neighbour(&mut random)?;
        Ok(cut_wrongly(&self.image(index)?.image, &neighbour, &mut random))
    }

    /// Normalizes an image, distorted as the one at `index` is in this epoch.
    fn distort(&self, index: usize, image: &Image, out: &mut [f32]) {
        let Recipe { normalizer, options, .. } = &*self.recipe;
        match &options.augmentation {
            Some(augmentation) => {
                let key = SampleKey { seed: options.seed, epoch: self.number, index: index as u64 };
                augmentation.apply(normalizer, image.pixels(), key, out);
            }
            None => normalizer.apply(image.pixels(), out),
        }
    }

    fn stream(&self, purpose: Purpose, index: usize) -> Pcg32 {
        stream(purpose, self.recipe.options.seed, &[self.number, index as u64])
    }
}

#[cfg(test)]
mod tests;
