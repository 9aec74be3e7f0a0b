//! The figures of an evaluation, for a terminal.

use metrics::numbers::{grouped, percent};
use metrics::{Metrics, MultiLabelMetrics, Scores};
use runs::{Score, TestMetrics};

use crate::text_table::text_table;

/// Number of most confused pairs shown.
const PAIRS: usize = 5;

/// The main figures, the figures of each class, and the most confused pairs.
#[must_use]
pub fn metrics_table(metrics: &Metrics) -> String {
    let mut text = headline(metrics);
    let mut rows: Vec<Vec<String>> =
        metrics.classes.iter().map(|class| row(&class.name, &class.scores)).collect();
    if let Some(averages) = &metrics.averages {
        rows.push(row("macro average", &averages.macro_average));
        rows.push(row("weighted average", &averages.weighted_average));
    }
    text += "\n";
    text += &text_table(&["class", "precision", "recall", "F1", "images"], &rows);
    if !metrics.most_confused.is_empty() {
        let pairs = metrics.most_confused.iter().take(PAIRS).map(|pair| {
            let name = |class: usize| metrics.classes[class].name.clone();
            vec![name(pair.label), name(pair.predicted), grouped(pair.count as u64)]
        });
        text += "\n";
        text += &text_table(&["confused", "with", "images"], &pairs.collect::<Vec<_>>());
    }
    text
}

/// The figures of either task.
#[must_use]
pub fn test_metrics_table(metrics: &TestMetrics) -> String {
    match metrics {
        TestMetrics::Classification(metrics) => metrics_table(metrics),
        TestMetrics::MultiLabel(metrics) => multi_label_table(metrics),
    }
}

/// The main figures of a multi-label model, and the figures of each class at its threshold.
fn multi_label_table(metrics: &MultiLabelMetrics) -> String {
    let share =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| percent(value, 2));
    let line = |name: &str, scores: &Scores, precision: Option<f64>, threshold: Option<f64>| {
        let mut cells = row(name, scores);
        let threshold = threshold.map_or_else(String::new, |value| format!("{value:.4}"));
        cells.splice(4..4, [share(precision), threshold]);
        cells
    };
    let mut rows: Vec<Vec<String>> = metrics
        .classes
        .iter()
        .map(|class| {
            line(&class.name, &class.scores, class.average_precision, Some(class.threshold))
        })
        .collect();
    let precision = metrics.average_precision;
    if let Some(averages) = &metrics.averages {
        let (all, each) = (&averages.micro_average, &averages.macro_average);
        rows.push(line("macro average", each, precision.macro_average, None));
        rows.push(line("micro average", all, precision.micro_average, None));
    }
    let headings =
        ["class", "precision", "recall", "F1", "average precision", "threshold", "images"];
    format!(
        "mean average precision {}  Hamming loss {}\n\n{}",
        share(precision.macro_average),
        share(metrics.hamming_loss),
        text_table(&headings, &rows)
    )
}

/// Accuracy, loss and errors of a model on a split, in one line.
#[must_use]
pub fn score_line(score: &Score) -> String {
    format!(
        "accuracy {}  loss {:.4}  {} of {} images wrong",
        percent(score.accuracy, 2),
        score.loss,
        grouped(score.wrong()),
        grouped(score.images as u64)
    )
}

fn headline(metrics: &Metrics) -> String {
    let share =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| percent(value, 2));
    let number =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    let interval = metrics.accuracy_interval.map_or_else(String::new, |interval| {
        format!("{:.2} to {:.2} %", 100.0 * interval.low, 100.0 * interval.high)
    });
    format!(
        "95 % interval of the accuracy: {interval}\n\
         top-2 {}  top-3 {}  Brier score {}  calibration error {}  Matthews correlation {}\n",
        share(metrics.top_2_accuracy),
        share(metrics.top_3_accuracy),
        number(metrics.brier_score),
        share(metrics.expected_calibration_error),
        number(metrics.matthews_correlation),
    )
}

fn row(name: &str, scores: &Scores) -> Vec<String> {
    vec![
        name.to_owned(),
        percent(scores.precision, 2),
        percent(scores.recall, 2),
        percent(scores.f1, 2),
        grouped(scores.support as u64),
    ]
}
