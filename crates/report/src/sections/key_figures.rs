//! The figures at the top of the page.

use metrics::Metrics;
use metrics::numbers::grouped;

use super::cells::{number, percent};
use crate::builder::Builder;

pub(crate) fn add(report: &mut Builder, metrics: &Metrics) {
    let interval = metrics.accuracy_interval.map_or_else(String::new, |interval| {
        format!("{:.2}–{:.2} %", 100.0 * interval.low, 100.0 * interval.high)
    });
    let errors = metrics.images - metrics.correct;
    let errors = format!("{} of {}", grouped(errors as u64), grouped(metrics.images as u64));
    let figures = [
        ("accuracy", percent(metrics.accuracy)),
        ("95 % confidence interval", interval),
        ("misclassified", errors),
        ("top-2 accuracy", percent(metrics.top_2_accuracy)),
        ("top-3 accuracy", percent(metrics.top_3_accuracy)),
        ("cross-entropy", number(metrics.cross_entropy)),
        ("Brier score", number(metrics.brier_score)),
        ("expected calibration error", percent(metrics.expected_calibration_error)),
        ("Matthews correlation", number(metrics.matthews_correlation)),
    ];
    let figures = figures.each_ref().map(|(name, value)| (*name, value.as_str()));
    report.page.key_figures(&figures);
}
