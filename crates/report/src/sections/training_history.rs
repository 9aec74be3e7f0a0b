//! The learning curves.

use crate::builder::Builder;
use crate::{ReportError, ReportInput};

pub(crate) fn add(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    if input.epochs.is_empty() {
        return Ok(());
    }
    report.page.heading("Training history");
    report.picture(
        "learning_curves.png",
        charts::learning_curves(input.epochs),
        "Loss, accuracy and learning rate of each epoch.",
        "Learning curves",
    )
}
