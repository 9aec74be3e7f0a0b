//! The features that a network computes for the images of a set, batch by batch.

use anyhow::Context;
use data::ImageSet;
use model::Classifier;

/// Gives `take` the inputs of the network's last linear layer for the images of `set` at `indices`,
/// in order. Only those of a batch are in memory at a time.
///
/// # Errors
/// When the images do not fit the network, or the device fails.
pub fn network_features(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
    take: &mut dyn FnMut(&[f32]),
) -> anyhow::Result<()> {
    for batch in indices.chunks(classifier.batch_size()) {
        let images = set.images(batch)?;
        let computed = classifier.features(&images, &mut *take);
        computed.context("cannot compute the last layer's inputs")?;
    }
    Ok(())
}
