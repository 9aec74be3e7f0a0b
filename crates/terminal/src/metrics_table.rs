//! The figures of an evaluation, for a terminal.

use metrics::numbers::{grouped, percent};
use metrics::{Metrics, Scores};
use runs::Score;

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
