//! Precision, recall and F1 of each class, and what its images look like.

use metrics::numbers::grouped;
use metrics::{Metrics, Scores};

use super::cells::{number, percent};
use crate::builder::Builder;
use crate::{ReportError, ReportInput, Table};

pub(crate) fn add(
    report: &mut Builder,
    input: &ReportInput,
    metrics: &Metrics,
) -> Result<(), ReportError> {
    let names = input.predictions.class_names();
    report.page.heading("Metrics by class");
    report.page.table(&table(metrics)?);
    if let Some(averages) = &metrics.averages {
        let scores: Vec<f64> = metrics.classes.iter().map(|class| class.scores.f1).collect();
        report.picture(
            "f1_per_class.png",
            charts::f1_bars(names, &scores, averages.macro_average.f1),
            "F1 is the harmonic mean of precision and recall; macro F1 is its mean over the classes.",
            "A bar chart of the F1 score of each class",
        )?;
    }
    report.picture(
        "class_images.png",
        charts::class_images(names, input.images, input.predictions.labels()),
        "The mean shows what the images of a class have in common, the standard deviation where \
         they differ.",
        "Mean and standard deviation of the images of each class",
    )
}

fn table(metrics: &Metrics) -> Result<Table, ReportError> {
    let headers = ["class", "precision", "recall", "F1", "AUC", "average precision", "images"];
    let mut rows: Vec<Vec<String>> = metrics
        .classes
        .iter()
        .map(|class| row(&class.name, &class.scores, class.auc, class.average_precision))
        .collect();
    if let Some(averages) = &metrics.averages {
        let (auc, precision) = (metrics.auc, metrics.average_precision);
        rows.extend([
            row(
                "macro average",
                &averages.macro_average,
                auc.macro_average,
                precision.macro_average,
            ),
            row(
                "micro average",
                &averages.micro_average,
                auc.micro_average,
                precision.micro_average,
            ),
            row("weighted average", &averages.weighted_average, None, None),
        ]);
    }
    Ok(Table::new(headers.map(str::to_owned).to_vec(), rows)?)
}

fn row(
    name: &str,
    scores: &Scores,
    auc: Option<f64>,
    average_precision: Option<f64>,
) -> Vec<String> {
    vec![
        name.to_owned(),
        percent(Some(scores.precision)),
        percent(Some(scores.recall)),
        percent(Some(scores.f1)),
        number(auc),
        number(average_precision),
        grouped(scores.support as u64),
    ]
}
