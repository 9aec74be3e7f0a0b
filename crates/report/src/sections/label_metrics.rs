//! The figures of a multi-label model: of all classes, and of each.

use charts::NamedCurve;
use metrics::numbers::grouped;
use metrics::{MultiLabelMetrics, Scores};

use super::cells::{number, percent};
use super::threshold_curves::precision_recall;
use crate::builder::Builder;
use crate::{MultiLabelInput, ReportError, Table};

/// The figures at the top of the page.
pub(crate) fn add_key_figures(report: &mut Builder, metrics: &MultiLabelMetrics) {
    let interval = metrics.accuracy_interval.map_or_else(String::new, |interval| {
        format!("{:.2}–{:.2} %", 100.0 * interval.low, 100.0 * interval.high)
    });
    let f1 = |average: fn(&metrics::LabelAverages) -> Scores| {
        percent(metrics.averages.as_ref().map(|averages| average(averages).f1))
    };
    let figures = [
        ("mean average precision", percent(metrics.average_precision.macro_average)),
        ("macro F1", f1(|averages| averages.macro_average)),
        ("micro F1", f1(|averages| averages.micro_average)),
        ("all classes right", percent(metrics.accuracy)),
        ("95 % confidence interval", interval),
        ("Hamming loss", percent(metrics.hamming_loss)),
        ("binary cross-entropy", number(metrics.binary_cross_entropy)),
        ("images", grouped(metrics.images as u64)),
    ];
    let figures = figures.each_ref().map(|(name, value)| (*name, value.as_str()));
    report.page.key_figures(&figures);
}

/// Precision, recall and F1 of each class at its threshold.
pub(crate) fn add_classes(
    report: &mut Builder,
    input: &MultiLabelInput,
    metrics: &MultiLabelMetrics,
) -> Result<(), ReportError> {
    report.page.heading("Metrics by class");
    report.page.paragraph(
        "A class is predicted if its probability is at least its threshold, which was chosen for the \
         highest F1 on the validation images.",
    );
    report.page.table(&table(metrics)?);
    let Some(averages) = &metrics.averages else { return Ok(()) };
    let scores: Vec<f64> = metrics.classes.iter().map(|class| class.scores.f1).collect();
    report.picture(
        "f1_per_class.png",
        charts::f1_bars(input.predictions.class_names(), &scores, averages.macro_average.f1),
        "F1 is the harmonic mean of precision and recall; macro F1 is its mean over the classes.",
        "A bar chart of the F1 score of each class",
    )
}

fn table(metrics: &MultiLabelMetrics) -> Result<Table, ReportError> {
    let headers =
        ["class", "precision", "recall", "F1", "average precision", "threshold", "images"];
    let mut rows: Vec<Vec<String>> = metrics
        .classes
        .iter()
        .map(|class| {
            row(&class.name, &class.scores, class.average_precision, Some(class.threshold))
        })
        .collect();
    if let Some(averages) = &metrics.averages {
        let precision = metrics.average_precision;
        rows.extend([
            row("macro average", &averages.macro_average, precision.macro_average, None),
            row("micro average", &averages.micro_average, precision.micro_average, None),
        ]);
    }
    Ok(Table::new(headers.map(str::to_owned).to_vec(), rows)?)
}

fn row(
    name: &str,
    scores: &Scores,
    average_precision: Option<f64>,
    threshold: Option<f64>,
) -> Vec<String> {
    vec![
        name.to_owned(),
        percent(Some(scores.precision)),
        percent(Some(scores.recall)),
        percent(Some(scores.f1)),
        number(average_precision),
        number(threshold),
        grouped(scores.support as u64),
    ]
}

/// Precision–recall curves, unless no class has one.
pub(crate) fn add_curves(report: &mut Builder, input: &MultiLabelInput) -> Result<(), ReportError> {
    let names = input.predictions.class_names();
    let classes = input.predictions.class_curves();
    let defined = names.iter().zip(&classes);
    let curves: Vec<NamedCurve> = defined
        .filter_map(|(name, curves)| Some(precision_recall(name, curves.as_ref()?)))
        .collect();
    if curves.is_empty() {
        return Ok(());
    }
    let micro = input.predictions.micro_curves();
    let average: Vec<NamedCurve> =
        micro.iter().map(|curves| precision_recall("micro average", curves)).collect();
    report.page.heading("Precision–recall curves");
    report.picture(
        "precision_recall_curves.png",
        charts::precision_recall_curves(&curves, &average),
        "Each class over all thresholds of its probability. AP is the average precision.",
        "Precision–recall curves",
    )
}
