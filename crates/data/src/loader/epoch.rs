//! One epoch: the order of its images, and its batches.

use std::ops::Range;
use std::sync::Arc;

use burn_dataset::Dataset;
use rand::RngExt;
use rand_pcg::Pcg32;

use super::batch::Batch;
use super::options::LoaderOptions;
use crate::augment::SampleKey;
use crate::error::DataError;
use crate::image::{Image, LabelledImage};
use crate::line_negatives::{invalid_candidate, partial_digit};
use crate::normalization::Normalizer;
use crate::random::{Purpose, stream};
use crate::targets::Targets;

/// What all epochs of a loader have in common.
pub(super) struct Recipe {
    pub(super) set: Arc<dyn Dataset<LabelledImage>>,
    pub(super) indices: Vec<usize>,
    pub(super) normalizer: Normalizer,
    pub(super) options: LoaderOptions,
}

/// One epoch, with the order of its images.
pub(super) struct Epoch {
    pub(super) recipe: Arc<Recipe>,
    pub(super) number: u64,
    pub(super) order: Vec<usize>,
}

impl Epoch {
    /// Makes the batch at an index, from 0.
    pub(super) fn batch(&self, index: usize) -> Result<Batch, DataError> {
        let Recipe { normalizer, options, .. } = &*self.recipe;
        let start = index * options.batch_size;
        let end = (start + options.batch_size).min(self.order.len());
        let negatives = self.negatives(start..end)?;
        let shape = normalizer.shape();
        let mut images = vec![0.0; (end - start + negatives.len()) * shape.pixels()];
        let (labelled, without_label) = images.split_at_mut((end - start) * shape.pixels());
        let mut targets = Targets::Classes(Vec::with_capacity(end - start));
        for (&index, out) in
            self.order[start..end].iter().zip(labelled.chunks_exact_mut(shape.pixels()))
        {
            let LabelledImage { image, label } = self.image(index)?;
            self.augment(index, &self.whole_or_partial(index, image)?, out);
            targets.push(label);
        }
        for ((index, negative), out) in
            negatives.iter().zip(without_label.chunks_exact_mut(shape.pixels()))
        {
            self.augment(*index, negative, out);
        }
        Ok(Batch { images, targets, shape })
    }

    /// The images without a label at these positions, each with the index of the image that it is
    /// augmented like: line negatives, then outliers.
    fn negatives(&self, positions: Range<usize>) -> Result<Vec<(usize, Image)>, DataError> {
        let mut negatives = Vec::new();
        if let Some(lines) = self.recipe.options.line_negatives {
            for position in lines.invalid_positions(positions.clone()) {
                let index = self.order[position];
                negatives.push((index, self.invalid_candidate(index)?));
            }
        }
        if let Some(outliers) = self.recipe.options.outliers {
            for (position, kind) in outliers.positions(positions) {
                let index = self.order[position];
                let mut random = stream(
                    Purpose::Outlier,
                    self.recipe.options.seed,
                    &[self.number, index as u64, kind as u64],
                );
                let outlier = outliers.draw(kind, &self.image(index)?.image, &mut random);
                negatives.extend(outlier.map(|outlier| (index, outlier)));
            }
        }
        Ok(negatives)
    }

    /// An image of the set; an error if it has another shape than the loader's.
    fn image(&self, index: usize) -> Result<LabelledImage, DataError> {
        let found = self.recipe.set.get(index);
        let found = found.map_err(|source| DataError::Dataset { index, source })?;
        let (expected, shape) = (self.recipe.normalizer.shape(), found.image.shape());
        if shape != expected {
            return Err(DataError::ImageShape { index, expected, found: shape });
        }
        Ok(found)
    }

    /// A random image of the epoch.
    fn neighbour(&self, random: &mut Pcg32) -> Result<Image, DataError> {
        Ok(self.image(self.order[random.random_range(0..self.order.len())])?.image)
    }

    /// The image, or a partial digit made of it.
    fn whole_or_partial(&self, index: usize, image: Image) -> Result<Image, DataError> {
        let Some(negatives) = self.recipe.options.line_negatives else { return Ok(image) };
        let mut random = self.stream(Purpose::PartialDigit, index);
        if !negatives.draws_partial(&mut random) {
            return Ok(image);
        }
        let neighbour = self.neighbour(&mut random)?;
        Ok(partial_digit(&image, &neighbour, &mut random))
    }

    /// An invalid candidate made with the image at `index`.
    fn invalid_candidate(&self, index: usize) -> Result<Image, DataError> {
        let mut random = self.stream(Purpose::InvalidCandidate, index);
        let neighbour = self.neighbour(&mut random)?;
        Ok(invalid_candidate(&self.image(index)?.image, &neighbour, &mut random))
    }

    /// Normalizes an image into `out`, with the augmentation of the image at `index` in this epoch.
    fn augment(&self, index: usize, image: &Image, out: &mut [f32]) {
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
