//! Testing a stored model on the images of a split.

use data::ImageSet;
use model::Classifier;

use super::TestResults;
use super::classification::ClassificationResults;
use super::multi_label::MultiLabelResults;

/// What `classifier` predicts for the images of `set` at `indices`, tested as its card asks for.
/// `mislabelled` are the indices of images whose labels are known to be wrong.
///
/// # Errors
/// When the device fails, or the model's outputs are not finite.
pub fn test_model<'a>(
    classifier: Classifier,
    set: &'a ImageSet,
    indices: Vec<usize>,
    mislabelled: &'a [usize],
) -> anyhow::Result<Box<dyn TestResults + 'a>> {
    Ok(match classifier.multi_label() {
        None => Box::new(ClassificationResults::of_model(classifier, set, indices, mislabelled)?),
        Some(_) => Box::new(MultiLabelResults::of_model(&classifier, set, indices)?),
    })
}
