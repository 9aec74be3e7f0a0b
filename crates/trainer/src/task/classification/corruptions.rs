//! A classifier's answers to corrupted images.

use anyhow::Context;
use charts::{CorruptedImages, ImageView, PictureError};
use data::{Corruption, Image, ImageSet, ImageShape};
use metrics::{CorruptionAccuracy, CorruptionMetrics, MIDDLE_SEVERITY};
use model::Classifier;

/// How well a classifier recognizes corrupted images, and what they look like.
pub struct CorruptionTest {
    metrics: CorruptionMetrics,
    original: Image,
    /// The original with the middle and the highest severity of each kind.
    samples: Vec<(Corruption, [Image; 2])>,
}

impl CorruptionTest {
    /// Classifies the images of `set` at `indices` under every kind and severity. `augmentation` are the
    /// keys of the `[augment]` section that the model was trained with, `None` if they are not known.
    /// `progress` is told how many images of how many are classified; each counts once for every kind
    /// and severity.
    ///
    /// # Errors
    /// When a picture can no longer be read, or the device fails.
    pub fn of_model(
        classifier: &Classifier,
        set: &ImageSet,
        indices: &[usize],
        augmentation: Option<&[String]>,
        mut progress: impl FnMut(usize, usize),
    ) -> anyhow::Result<Self> {
        let kinds = Corruption::all();
        let total = indices.len() * kinds.len() * Corruption::SEVERITIES;
        let (mut clean, mut done) = (0, 0);
        let mut correct = [[0; Corruption::SEVERITIES]; Corruption::KINDS];
        for batch in indices.chunks(classifier.batch_size()) {
            let images = set.images(batch)?;
            let places: Vec<usize> = batch.iter().map(|&index| set.place(index)).collect();
            clean += count_correct(classifier, set, batch, &images)?;
            for (kind, correct) in kinds.iter().zip(&mut correct) {
                for (severity, correct) in (1..).zip(correct) {
                    let corrupted = kind.apply_all(severity, &places, &images);
                    *correct += count_correct(classifier, set, batch, &corrupted)?;
                    done += batch.len();
                    progress(done, total);
                }
            }
        }
        let share = |correct: usize| correct as f64 / indices.len().max(1) as f64;
        let accuracy = |(kind, correct): (&Corruption, &[usize; Corruption::SEVERITIES])| {
            let names = [kind.name(), kind.family().name()];
            let trained_with = augmentation.map(|keys| resembling(*kind, keys));
            CorruptionAccuracy::new(names, correct.map(share), trained_with)
        };
        let metrics = kinds.iter().zip(&correct).map(accuracy).collect();
        let shown = indices.first().context("there are no images to evaluate")?;
        let (place, original) = (set.place(*shown), set.image(*shown)?);
        let severities = [MIDDLE_SEVERITY, Corruption::SEVERITIES];
        let under = |kind: Corruption| {
            (kind, severities.map(|severity| kind.apply(severity, place, &original)))
        };
        Ok(Self {
            metrics: CorruptionMetrics::new(share(clean), metrics),
            samples: kinds.map(under).to_vec(),
            original,
        })
    }

    /// The figures.
    #[must_use]
    pub fn metrics(&self) -> &CorruptionMetrics {
        &self.metrics
    }

    /// The image that is shown under all kinds.
    pub(super) fn original(&self) -> Result<ImageView<'_>, PictureError> {
        view(&self.original)
    }

    /// It under all kinds.
    pub(super) fn samples(&self) -> Result<Vec<CorruptedImages<'_>>, PictureError> {
        let samples = self.samples.iter().map(|(kind, [middle, highest])| {
            let images = [view(middle)?, view(highest)?];
            Ok(CorruptedImages { name: kind.name(), family: kind.family().name(), images })
        });
        samples.collect()
    }
}

/// The keys of `[augment]` in the training that resemble this kind.
fn resembling(kind: Corruption, augmentation: &[String]) -> Vec<&'static str> {
    let keys = kind.resembling_augmentation().iter().copied();
    keys.filter(|key| augmentation.iter().any(|used| used == key)).collect()
}

/// How many of `images`, which are those of `set` at `indices`, are classified as labelled.
fn count_correct(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
    images: &[Image],
) -> anyhow::Result<usize> {
    let predictions = classifier.classify(images)?;
    let pairs = predictions.iter().zip(indices);
    Ok(pairs.filter(|(found, index)| found.class == usize::from(set.labels()[**index])).count())
}

fn view(image: &Image) -> Result<ImageView<'_>, PictureError> {
    let ImageShape { channels, height, width } = image.shape();
    ImageView::new(channels, height, width, image.pixels())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_the_training_count_as_resembling() {
        let keys = ["rotate", "gaussian_blur"].map(str::to_owned);
        assert_eq!(resembling(Corruption::Rotation, &keys), ["rotate"]);
        assert_eq!(resembling(Corruption::DefocusBlur, &keys), ["gaussian_blur"]);
        assert!(resembling(Corruption::Fog, &keys).is_empty());
    }
}
