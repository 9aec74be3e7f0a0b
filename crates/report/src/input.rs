//! What a report is made from.

use charts::{CorruptedImages, EpochPoint, ImageView, PredictedImage};
use metrics::{CorruptionMetrics, FeatureMatrix, Predictions};

use crate::ReportError;

/// What a report is made from. Images, indices and predictions are in the same order.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// The page's title, such as the names of the model and the split.
    pub title: &'a str,
    /// A line below the title, such as the program and the device.
    pub subtitle: &'a str,
    /// The model's predictions.
    pub predictions: &'a Predictions,
    /// The images.
    pub images: &'a [ImageView<'a>],
    /// Index of each image in its data set.
    pub indices: &'a [usize],
    /// File of each image; empty if images are not files.
    pub files: &'a [String],
    /// Indices in the data set of images whose labels are known to be wrong.
    pub mislabelled: &'a [usize],
    /// Features of some of the images, the input of the network's last layer.
    pub features: Option<ImageFeatures<'a>>,
    /// The training history; empty if unknown.
    pub epochs: &'a [EpochPoint],
    /// Accuracy on corrupted images, if it was measured.
    pub corruptions: Option<CorruptionInput<'a>>,
}

/// Accuracy on corrupted images.
#[derive(Clone, Copy, Debug)]
pub struct CorruptionInput<'a> {
    /// The figures.
    pub metrics: &'a CorruptionMetrics,
    /// An image without corruption.
    pub original: ImageView<'a>,
    /// The same under each kind of corruption.
    pub samples: &'a [CorruptedImages<'a>],
}

/// Features of some of the images.
#[derive(Clone, Copy, Debug)]
pub struct ImageFeatures<'a> {
    /// Positions of the images in [`ReportInput::images`].
    pub positions: &'a [usize],
    /// Their features, a row for each position.
    pub features: &'a FeatureMatrix,
    /// Number of features that the network computes; more than those given if they are projected.
    pub computed: usize,
}

impl<'a> ReportInput<'a> {
    /// Checks that there are as many images and indices as predictions.
    pub(crate) fn check_lengths(&self) -> Result<(), ReportError> {
        let expected = self.predictions.len();
        for (what, found) in [("images", self.images.len()), ("indices", self.indices.len())] {
            if found != expected {
                return Err(ReportError::Length { what, expected, found });
            }
        }
        Ok(())
    }

    /// The image at `position` with its prediction.
    pub(crate) fn predicted_image(&self, position: usize) -> PredictedImage<'a> {
        let index = self.indices[position];
        PredictedImage {
            image: self.images[position],
            index,
            file: self.files.get(position).map(String::as_str),
            label: self.predictions.labels()[position],
            predicted: self.predictions.predicted()[position],
            confidence: self.predictions.confidence(position),
            mislabelled: self.mislabelled.contains(&index),
        }
    }
}
