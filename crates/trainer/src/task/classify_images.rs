//! Classifying the images of a set, some at a time.

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
