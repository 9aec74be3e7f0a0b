//! What the report of a multi-label model is made from.

use charts::{EpochPoint, ImageView};
use metrics::MultiLabelPredictions;

use crate::ReportError;

/// What the report of a multi-label model is made from. Images, names and predictions are in the same
/// order.
#[derive(Clone, Copy, Debug)]
pub struct MultiLabelInput<'a> {
    /// The page's title, such as the names of the model and the split.
    pub title: &'a str,
    /// A line below the title, such as the program and the device.
    pub subtitle: &'a str,
    /// The model's predictions.
    pub predictions: &'a MultiLabelPredictions,
    /// The smallest probability at which each class is predicted.
    pub thresholds: &'a [f64],
    /// The images.
    pub images: &'a [ImageView<'a>],
    /// The file or number of each image.
    pub names: &'a [String],
    /// The training history; empty if unknown.
    pub epochs: &'a [EpochPoint],
}

impl MultiLabelInput<'_> {
    /// Checks that there are as many images and names as predictions.
    pub(crate) fn check_lengths(&self) -> Result<(), ReportError> {
        let expected = self.predictions.len();
        for (what, found) in [("images", self.images.len()), ("names", self.names.len())] {
            if found != expected {
                return Err(ReportError::Length { what, expected, found });
            }
        }
        Ok(())
    }

    /// The names of the classes that are set, separated by `;`.
    pub(crate) fn class_text(&self, classes: &[bool]) -> String {
        let pairs = self.predictions.class_names().iter().zip(classes);
        let names = pairs.filter_map(|(name, is_set)| is_set.then_some(name.as_str()));
        names.collect::<Vec<_>>().join(";")
    }
}
