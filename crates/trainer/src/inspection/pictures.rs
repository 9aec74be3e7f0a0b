//! Pictures of training images, and of what augmentation makes of them.

use std::sync::Arc;

use anyhow::Context;
use charts::{AugmentedSample, ImageView, Picture, PictureError, Sample};
use data::{DataError, ImageShape, Loader, LoaderOptions, Normalization, Normalizer};

use crate::augmentation::TrainingAugmentation;
use crate::config::DataConfig;
use crate::images::{Images, label_text};
use crate::viewed_images::ViewedImages;

/// Classes that fit into the picture of class images.
pub const MOST_CLASSES: usize = 200;

/// Samples of a class: a row of the picture.
const SAMPLES: usize = 10;
/// Samples that fit into a picture.
const MOST_SAMPLES: usize = 400;
/// Images that are shown augmented, unless there are more classes.
const ORIGINALS: usize = 10;
/// Images that fit into the picture of augmented ones.
const MOST_ORIGINALS: usize = 40;
/// Copies of each, from the first epochs of training.
const COPIES: u64 = 7;

/// Number of negatives that are drawn.
const NEGATIVES: f32 = 60.0;

/// Images of every class.
pub fn samples(config: &DataConfig, images: &Images) -> anyhow::Result<Picture> {
    let set = &images.source.train;
    let each = (MOST_SAMPLES / set.class_count()).clamp(1, SAMPLES);
    let indices = every_class(images, each);
    let names = label_texts(images, &indices);
    let viewed = ViewedImages::new(set, &indices)?;
    let samples = samples_of(&names, &viewed)?;
    let title = format!("Training images of {}", config.dataset.source);
    charts::sample_grid(&title, &samples).context("samples.png")
}

/// Images of as many classes as fit, with their augmented copies of the first epochs.
pub fn augmented(
    config: &DataConfig,
    images: &Images,
    augmentation: TrainingAugmentation,
) -> anyhow::Result<Picture> {
    let (name, set) = (config.dataset.source, &images.source.train);
    let originals =
        evenly(&every_class(images, ORIGINALS.div_ceil(set.class_count())), MOST_ORIGINALS);
    let names = label_texts(images, &originals);
    let copies = augmented_copies(config, images, &originals, augmentation)?;
    let viewed = ViewedImages::new(set, &originals)?;
    let samples = samples_of(&names, &viewed)?;
    let rows = samples.into_iter().enumerate().map(|(place, original)| {
        let size = set.shape().pixels();
        let views = copies.iter().map(|copy| view(set.shape(), &copy[place * size..][..size]));
        Ok(AugmentedSample { original, copies: views.collect::<Result<_, _>>()? })
    });
    let rows = rows.collect::<Result<Vec<_>, PictureError>>();
    let title = format!("Training images of {name}, augmented as in epochs 1 to {COPIES}");
    rows.and_then(|rows| charts::augmentation_grid(&title, &rows)).context("augmented.png")
}

/// The negatives of training's first epoch; none if the config has none, or too few images.
pub fn negatives(
    config: &DataConfig,
    images: &Images,
    augmentation: TrainingAugmentation,
) -> anyhow::Result<Option<Picture>> {
    let invalid = config.line_negatives.map_or(0.0, |negatives| negatives.invalid);
    let per_image = invalid + config.outliers.map_or(0.0, |outliers| outliers.share());
    if per_image <= 0.0 {
        return Ok(None);
    }
    let originals = evenly(&images.split.train, (NEGATIVES / per_image).ceil() as usize);
    let pixels = first_negatives(config, images, &originals, augmentation)?;
    if pixels.is_empty() {
        return Ok(None);
    }
    let shape = images.source.train.shape();
    let samples = pixels
        .chunks_exact(shape.pixels())
        .map(|pixels| Ok(Sample { image: view(shape, pixels)?, name: "" }))
        .collect::<Result<Vec<_>, PictureError>>();
    let title = format!("Negatives beside the training images of {}", config.dataset.source);
    let picture = samples.and_then(|samples| charts::sample_grid(&title, &samples));
    picture.map(Some).context("negatives.png")
}

/// Mean and standard deviation of every class.
pub fn class_images(images: &Images) -> anyhow::Result<Picture> {
    let (set, names) = (&images.source.train, &images.source.class_names);
    let shown = names.len().min(MOST_CLASSES);
    // An image counts for each of its classes.
    let of_image = |&index: &usize| set.classes(index).iter().map(move |&class| (index, class));
    let (indices, labels): (Vec<usize>, Vec<usize>) = images
        .split
        .train
        .iter()
        .flat_map(of_image)
        .map(|(index, class)| (index, usize::from(class)))
        .filter(|(_, class)| *class < shown)
        .unzip();
    let viewed = ViewedImages::new(set, &indices)?;
    charts::class_images(&names[..shown], &viewed.views()?, &labels).context("class_images.png")
}

/// The pixels of all `originals` as every epoch of [`COPIES`] has them: made by training's own
/// loader, their normalization undone.
fn augmented_copies(
    config: &DataConfig,
    images: &Images,
    originals: &[usize],
    augmentation: TrainingAugmentation,
) -> Result<Vec<Vec<u8>>, DataError> {
    let (shape, normalization) =
        (images.source.train.shape(), images.normalization(&config.dataset));
    let loader = loader(config, images, originals, augmentation, &normalization)?;
    let batches = (1..=COPIES).flat_map(|epoch| loader.epoch(epoch));
    batches.map(|batch| Ok(pixels(batch?.labelled_images(), shape, &normalization))).collect()
}

/// The pixels of the negatives that training's first epoch makes with all `originals`, their
/// normalization undone.
fn first_negatives(
    config: &DataConfig,
    images: &Images,
    originals: &[usize],
    augmentation: TrainingAugmentation,
) -> Result<Vec<u8>, DataError> {
    let (shape, normalization) =
        (images.source.train.shape(), images.normalization(&config.dataset));
    let mut batches = loader(config, images, originals, augmentation, &normalization)?.epoch(1);
    batches
        .next()
        .map_or(Ok(Vec::new()), |batch| Ok(pixels(batch?.negative_images(), shape, &normalization)))
}

/// Training's own loader, with all `originals` in one batch.
fn loader(
    config: &DataConfig,
    images: &Images,
    originals: &[usize],
    augmentation: TrainingAugmentation,
    normalization: &Normalization,
) -> Result<Loader, DataError> {
    let set = &images.source.train;
    let normalizer = Normalizer::new(normalization, set.shape())?;
    let options = LoaderOptions {
        batch_size: originals.len(),
        workers: 0,
        seed: config.seed,
        shuffle: false,
        augmentation: augmentation.augmentation,
        line_negatives: augmentation.line_negatives,
        outliers: augmentation
            .outliers
            .map(|outliers| outliers.prepared(images.source.preparation)),
    };
    Loader::new(Arc::new(set.clone()), originals.to_vec(), normalizer, options)
}

/// Undoes the normalization of images of `shape`.
fn pixels(images: &[f32], shape: ImageShape, normalization: &Normalization) -> Vec<u8> {
    let Normalization { mean, standard_deviation } = normalization;
    let planes = images.chunks_exact(shape.height * shape.width).enumerate();
    planes
        .flat_map(|(plane, values)| {
            let channel = plane % shape.channels;
            let (mean, deviation) = (mean[channel], standard_deviation[channel]);
            // What the distortion takes beyond black and white saturates.
            values.iter().map(move |value| (255.0 * (value * deviation + mean)).round() as u8)
        })
        .collect()
}

/// `each` training images of every class, class by class; all of a class that has fewer.
fn every_class(images: &Images, each: usize) -> Vec<usize> {
    let set = &images.source.train;
    let mut classes = vec![Vec::new(); set.class_count()];
    for &index in &images.split.train {
        for &class in set.classes(index) {
            classes[usize::from(class)].push(index);
        }
    }
    classes.iter().flat_map(|class| evenly(class, each)).collect()
}

/// `count` of `indices` at even distances, from the first on; all if there are fewer.
fn evenly(indices: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(indices.len());
    (0..count).map(|place| indices[place * indices.len() / count]).collect()
}

/// The names of the classes of training images.
fn label_texts(images: &Images, indices: &[usize]) -> Vec<String> {
    let (set, names) = (&images.source.train, &images.source.class_names);
    indices.iter().map(|&index| label_text(set, index, names)).collect()
}

/// Images with the names of their classes.
fn samples_of<'a>(
    names: &'a [String],
    viewed: &'a ViewedImages,
) -> Result<Vec<Sample<'a>>, PictureError> {
    let samples = names.iter().zip(viewed.views()?);
    Ok(samples.map(|(name, image)| Sample { image, name }).collect())
}

fn view(shape: ImageShape, pixels: &[u8]) -> Result<ImageView<'_>, PictureError> {
    ImageView::new(shape.channels, shape.height, shape.width, pixels)
}

#[cfg(test)]
mod tests;
