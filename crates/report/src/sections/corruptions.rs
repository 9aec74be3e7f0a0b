//! Accuracy on corrupted images: table, curves, and what the corruptions look like.

use charts::{SeverityCurve, SeverityPanel};
use metrics::numbers::counted;
use metrics::{CorruptionAccuracy, CorruptionMetrics, FamilyAccuracy};

use super::cells::percent;
use crate::builder::Builder;
use crate::{ReportError, ReportInput, Table};

pub(crate) fn add(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let Some(corruptions) = &input.corruptions else { return Ok(()) };
    let metrics = corruptions.metrics;
    report.page.heading("Corruptions");
    report.page.paragraph(
        "Accuracy on the same images, changed as pictures are in use: with noise, out of focus, in \
         other light, moved or covered. Severities rise from 1 to 5; people read most images of \
         severity 5.",
    );
    add_key_figures(report, metrics);
    report.page.table(&table(metrics)?);
    let panels: Vec<SeverityPanel> = metrics.families().map(|family| panel(&family)).collect();
    report.picture(
        "corruption_curves.png",
        charts::severity_curves(metrics.clean_accuracy, &panels),
        "Accuracy against severity, a panel for each family of corruptions.",
        "Accuracy by severity of corruption",
    )?;
    report.picture(
        "corruption_samples.png",
        charts::corruption_grid(&corruptions.original, corruptions.samples),
        "One of the images under every kind, with severity 3 and severity 5.",
        "An image under every kind of corruption",
    )
}

fn add_key_figures(report: &mut Builder, metrics: &CorruptionMetrics) {
    let clean = percent(Some(metrics.clean_accuracy));
    let mean = percent(Some(metrics.mean));
    let mut figures = vec![
        ("accuracy without corruption".to_owned(), clean),
        ("mean over all kinds and severities".to_owned(), mean),
    ];
    if let Some(worst) = &metrics.worst {
        let name = format!("worst kind at severity {}: {}", worst.severity, worst.name);
        figures.push((name, percent(Some(worst.accuracy))));
    }
    if let Some(unseen) = &metrics.unseen {
        let kinds = counted(unseen.kinds, "kind", "kinds");
        let name = format!("mean over {kinds} that the training's augmentation does not resemble");
        figures.push((name, percent(Some(unseen.mean))));
    }
    let figures: Vec<(&str, &str)> =
        figures.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    report.page.key_figures(&figures);
    if !metrics.knows_training() {
        report.page.paragraph(
            "The model's training is not known, and so not which kinds its augmentation resembles.",
        );
    }
}

fn table(metrics: &CorruptionMetrics) -> Result<Table, ReportError> {
    // Indented, and not broken into lines.
    let (headers, rows) =
        metrics.table(1, |kind| format!("\u{2003}{}", kind.replace(' ', "\u{a0}")));
    Ok(Table::new(headers, rows)?)
}

fn panel<'a>(family: &FamilyAccuracy<'a>) -> SeverityPanel<'a> {
    let curve =
        |kind: &'a CorruptionAccuracy| SeverityCurve { name: kind.name, accuracy: &kind.accuracy };
    SeverityPanel { name: family.name, curves: family.kinds.iter().map(curve).collect() }
}
