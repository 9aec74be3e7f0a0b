//! Classifying and scoring the images of a set, some at a time.

use data::{Image, ImageSet};
use model::{Classifier, ClassifyError, Prediction};

/// The predictions for the images of `set` at `indices`, in this order.
///
/// # Errors
/// When a picture can no longer be read, or the device fails.
pub fn classify_images(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
) -> anyhow::Result<Vec<Prediction>> {
    in_batches(classifier, set, indices, Classifier::classify)
}

/// The [scores](Prediction::score) of the images of `set` at `indices`, in this order, as answers to
/// pictures have them.
///
/// # Errors
/// When a picture can no longer be read, or the device fails.
pub fn score_images(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
) -> anyhow::Result<Vec<f64>> {
    let predictions = in_batches(classifier, set, indices, Classifier::classify_and_score)?;
    Ok(predictions.iter().map(Prediction::score).collect())
}

fn in_batches(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
    classify: fn(&Classifier, &[Image]) -> Result<Vec<Prediction>, ClassifyError>,
) -> anyhow::Result<Vec<Prediction>> {
    let mut predictions = Vec::with_capacity(indices.len());
    for batch in indices.chunks(classifier.batch_size()) {
        predictions.extend(classify(classifier, &set.images(batch)?)?);
    }
    Ok(predictions)
}
