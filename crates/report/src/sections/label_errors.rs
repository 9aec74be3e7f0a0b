//! Images whose set of classes is predicted wrongly.

use charts::LabelledImage;

use crate::builder::Builder;
use crate::{MultiLabelInput, ReportError, Table};

/// Number of images in the gallery: six rows.
const SHOWN: usize = 24;

pub(crate) fn add(report: &mut Builder, input: &MultiLabelInput) -> Result<(), ReportError> {
    report.page.heading("Error analysis");
    let errors = worst_errors(input);
    if errors.is_empty() {
        report.page.paragraph("All classes of every image are right.");
        return Ok(());
    }
    let shown: Vec<LabelledImage> = errors
        .iter()
        .map(|&position| LabelledImage {
            image: input.images[position],
            name: &input.names[position],
            labels: input.class_text(input.predictions.labels(position)),
            predicted: predicted(input, position),
        })
        .collect();
    report.picture(
        "worst_errors.png",
        charts::label_gallery(&shown),
        "Images with a class that is missing or too much, in order of falling cross-entropy.",
        "A gallery of images with wrongly predicted classes",
    )?;
    let headers = ["image", "labels", "predicted labels"].map(str::to_owned).to_vec();
    let row = |error: &LabelledImage| {
        vec![error.name.to_owned(), error.labels.clone(), error.predicted.clone()]
    };
    report.page.table(&Table::new(headers, shown.iter().map(row).collect())?);
    Ok(())
}

fn predicted(input: &MultiLabelInput, position: usize) -> String {
    input.class_text(&input.predictions.predicted(position, input.thresholds))
}

/// The images with a wrong class, those of the highest cross-entropy first, as many as are shown.
fn worst_errors(input: &MultiLabelInput) -> Vec<usize> {
    let predictions = input.predictions;
    let mut errors: Vec<(usize, f64)> = (0..predictions.len())
        .filter(|&at| predictions.predicted(at, input.thresholds) != predictions.labels(at))
        .map(|at| {
            let pairs = predictions.probabilities(at).iter().zip(predictions.labels(at));
            let loss = pairs.map(|(probability, label)| {
                -(if *label { *probability } else { 1.0 - probability }).max(f64::MIN_POSITIVE).ln()
            });
            (at, loss.sum())
        })
        .collect();
    errors.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    errors.into_iter().take(SHOWN).map(|(at, _)| at).collect()
}
