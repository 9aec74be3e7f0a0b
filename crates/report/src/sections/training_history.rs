//! The learning curves.

use charts::EpochPoint;

use crate::ReportError;
use crate::builder::Builder;

pub(crate) fn add(report: &mut Builder, epochs: &[EpochPoint]) -> Result<(), ReportError> {
    if epochs.is_empty() {
        return Ok(());
    }
    report.page.heading("Training history");
    report.picture(
        "learning_curves.png",
        charts::learning_curves(epochs),
        "Loss, accuracy and learning rate of each epoch.",
        "Learning curves",
    )
}
