//! Some images with their predicted classes.

use charts::PredictedImage;

use crate::builder::Builder;
use crate::{ReportError, ReportInput};

/// Number of images in the grid: four rows.
const SHOWN: usize = 28;

pub(crate) fn add(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let predictions = input.predictions;
    // Evenly spaced, so that a split sorted by class shows images of all classes.
    let count = predictions.len().min(SHOWN);
    let shown: Vec<PredictedImage> =
        (0..count).map(|n| input.predicted_image(n * predictions.len() / count)).collect();
    report.page.heading("Sample predictions");
    report.picture(
        "results.png",
        charts::prediction_grid(predictions.class_names(), &shown),
        "Images taken at equal intervals from the split, with their predicted classes. \
         Misclassified images have a frame and show their label.",
        "A grid of images with their predicted classes",
    )
}
