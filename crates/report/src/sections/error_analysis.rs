//! The confusion matrix, the most confused pairs of classes and the most confident errors.

use charts::{CellValue, PredictedImage};
use metrics::numbers::grouped;
use metrics::{ConfusionMatrix, Metrics, misclassifications};

use super::cells::percent;
use crate::builder::Builder;
use crate::{ReportError, ReportInput, Table};

/// Number of images in the gallery of errors: six rows.
const SHOWN: usize = 30;

pub(crate) fn add(
    report: &mut Builder,
    input: &ReportInput,
    metrics: &Metrics,
) -> Result<(), ReportError> {
    report.page.heading("Error analysis");
    add_confusion_matrices(report, input)?;
    add_confused_pairs(report, input, metrics)?;
    add_gallery(report, input)
}

fn add_confusion_matrices(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let names = input.predictions.class_names();
    let confusion = ConfusionMatrix::of(input.predictions);
    let classes = confusion.classes();
    let counts: Vec<u64> = (0..classes * classes)
        .map(|cell| confusion.count(cell / classes, cell % classes) as u64)
        .collect();
    for (file, value, caption) in [
        (
            "confusion_matrix.png",
            CellValue::Count,
            "Number of images by true label (rows) and predicted label (columns).",
        ),
        (
            "confusion_matrix_normalized.png",
            CellValue::RowShare,
            "The same counts as percentages of each row.",
        ),
    ] {
        let picture = charts::confusion_matrix(names, &counts, value);
        report.picture(file, picture, caption, "A confusion matrix")?;
    }
    Ok(())
}

fn add_confused_pairs(
    report: &mut Builder,
    input: &ReportInput,
    metrics: &Metrics,
) -> Result<(), ReportError> {
    if metrics.most_confused.is_empty() {
        return Ok(());
    }
    let names = input.predictions.class_names();
    let headers = ["true label", "predicted label", "images", "share of the true label"];
    let rows = metrics.most_confused.iter().map(|pair| {
        vec![
            names[pair.label].clone(),
            names[pair.predicted].clone(),
            grouped(pair.count as u64),
            percent(Some(pair.share)),
        ]
    });
    report.page.paragraph("The most confused pairs of classes:");
    report.page.table(&Table::new(headers.map(str::to_owned).to_vec(), rows.collect())?);
    Ok(())
}

fn add_gallery(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let errors: Vec<PredictedImage> = misclassifications(input.predictions)
        .iter()
        .take(SHOWN)
        .map(|error| input.predicted_image(error.index))
        .collect();
    if errors.is_empty() {
        report.page.paragraph("No image is misclassified.");
        return Ok(());
    }
    report.picture(
        "worst_errors.png",
        charts::error_gallery(input.predictions.class_names(), &errors),
        "Misclassified images in order of falling confidence. The percentage is the probability of \
         the predicted class; the number after # is the image's index in the data set. Below is the \
         name of its file, if images are files.",
        "A gallery of misclassified images",
    )
}
