//! One epoch: the order of its images, and how each batch is made.

use std::sync::Arc;

use burn_dataset::Dataset;
use rand::RngExt;
use rand_pcg::Pcg32;

use super::batch::Batch;
use super::options::LoaderOptions;
use crate::augment::SampleKey;
use crate::error::DataError;
use crate::image::{Image, LabelledImage};
use crate::line_negatives::{cut_roughly, cut_wrongly};
use crate::normalization::Normalizer;
use crate::random::{Purpose, stream};

/// All that a batch is made of.
pub(super) struct Recipe {
    pub(super) set: Arc<dyn Dataset<LabelledImage>>,
    pub(super) indices: Vec<usize>,
    pub(super) normalizer: Normalizer,
    pub(super) options: LoaderOptions,
}

/// One epoch's order of images.
pub(super) struct Epoch {
    pub(super) recipe: Arc<Recipe>,
    pub(super) number: u64,
    pub(super) order: Vec<usize>,
}

impl Epoch {
    /// Makes the batch at `place`, counted from 0.
    pub(super) fn batch(&self, place: usize) -> Result<Batch, DataError> {
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
