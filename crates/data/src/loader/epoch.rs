//! One epoch: the order of its images, and its batches.

use std::ops::Range;
use std::sync::Arc;

use burn_dataset::Dataset;
use rand::RngExt;
use rand_pcg::Pcg32;

use super::batch::{Batch, Partners};
use super::options::LoaderOptions;
use crate::augment::{Augmentation, SampleKey};
use crate::error::DataError;
use crate::image::{Image, LabelledImage};
use crate::line_negatives::{invalid_candidate, partial_digit};
use crate::normalization::Normalizer;
use crate::random::{Purpose, stream};
use crate::targets::{Label, Targets};

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
        let (shape, labelled) = (normalizer.shape(), end - start);
        let augmentation = options.augmentation.as_ref();
        let views = augmentation.map_or(0, Augmentation::views);
        let all = labelled * (1 + views) + negatives.len();
        let mut images = vec![0.0; all * shape.pixels()];
        let (of_labels, without_label) =
            images.split_at_mut(labelled * (1 + views) * shape.pixels());
        let mut targets = Targets::Classes(Vec::with_capacity(labelled));
        let mut partners = augmentation.filter(|augmentation| augmentation.is_mixing()).map(|_| {
            Partners { targets: Targets::Classes(Vec::new()), shares: Vec::with_capacity(labelled) }
        });
        for (place, &index) in self.order[start..end].iter().enumerate() {
            let at = |view: usize| (view * labelled + place) * shape.pixels();
            let out = &mut of_labels[at(0)..][..shape.pixels()];
            let LabelledImage { image, label } = self.image(index)?;
            self.augment(index, &self.whole_or_partial(index, image)?, out);
            if let Some(partners) = &mut partners {
                let (partner, kept) = self.mix(index, &label, out)?;
                partners.targets.push(partner);
                partners.shares.push(kept);
            }
            targets.push(label);
            for view in 1..=views {
                of_labels.copy_within(at(0)..at(0) + shape.pixels(), at(view));
                if let Some(augmentation) = augmentation {
                    let out = &mut of_labels[at(view)..][..shape.pixels()];
                    augmentation.make_view(normalizer, self.key(index), view, out);
                }
            }
        }
        for ((index, negative), out) in
            negatives.iter().zip(without_label.chunks_exact_mut(shape.pixels()))
        {
            self.augment(*index, negative, out);
        }
        Ok(Batch { images, targets, partners, views, shape })
    }

    /// Mixes another image of the epoch, augmented as everywhere in this epoch, into the image at
    /// `index`. Returns the label of that image, and the share of the first one.
    fn mix(&self, index: usize, label: &Label, out: &mut [f32]) -> Result<(Label, f32), DataError> {
        let mut random = self.stream(Purpose::Mixing, index);
        let augmentation = self.recipe.options.augmentation.as_ref();
        let Some(mix) = augmentation.and_then(|it| it.draw_mix(&mut random)) else {
            return Ok((label.clone(), 1.0));
        };
        let other = self.order[random.random_range(0..self.order.len())];
        let LabelledImage { image, label } = self.image(other)?;
        let mut pixels = vec![0.0; out.len()];
        self.augment(other, &self.whole_or_partial(other, image)?, &mut pixels);
        Ok((label, mix.apply(self.recipe.normalizer.shape(), out, &pixels)))
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
                augmentation.apply(normalizer, image.pixels(), self.key(index), out);
            }
            None => normalizer.apply(image.pixels(), out),
        }
    }

    fn key(&self, index: usize) -> SampleKey {
        SampleKey { seed: self.recipe.options.seed, epoch: self.number, index: index as u64 }
    }

    fn stream(&self, purpose: Purpose, index: usize) -> Pcg32 {
        stream(purpose, self.recipe.options.seed, &[self.number, index as u64])
    }
}
