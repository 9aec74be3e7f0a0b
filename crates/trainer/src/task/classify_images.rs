//! Classifying and scoring the images of a set, some at a time.

use data::ImageSet;
use model::{Classifier, Prediction};

/// The predictions for the images of `set` at `indices`, in this order.
///
/// # Errors
/// When a picture can no longer be read, or the device fails.
pub fn classify_images(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
) -> anyhow::Result<Vec<Prediction>> {
    let mut predictions = Vec::with_capacity(indices.len());
    for batch in indices.chunks(classifier.batch_size()) {
        predictions.extend(classifier.classify(&set.images(batch)?)?);
    }
    Ok(predictions)
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
    let mut scores = Vec::with_capacity(indices.len());
    for batch in indices.chunks(classifier.batch_size()) {
        let predictions = classifier.classify_and_score(&set.images(batch)?)?;
        scores.extend(predictions.iter().map(Prediction::score));
    }
    Ok(scores)
}
