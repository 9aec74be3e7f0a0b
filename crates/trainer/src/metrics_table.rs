//! The figures of an evaluation, for a terminal.

use metrics::{Metrics, Scores};

use crate::layer_table::grouped;
use crate::text_table::text_table;

/// Most confused pairs that are shown.
const PAIRS: usize = 5;

/// The headline, the figures of each class, and what is confused most.
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

fn headline(metrics: &Metrics) -> String {
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{:.2} %", 100.0 * value))
    };
    let number =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    let interval = metrics.accuracy_interval.map_or_else(String::new, |interval| {
        format!("{:.2} to {:.2} %", 100.0 * interval.low, 100.0 * interval.high)
    });
    format!(
        "95 % interval of the accuracy: {interval}\n\
         top-2 {}  top-3 {}  Brier score {}  calibration error {}  Matthews correlation {}\n",
        percent(metrics.top_2_accuracy),
        percent(metrics.top_3_accuracy),
        number(metrics.brier_score),
        percent(metrics.expected_calibration_error),
        number(metrics.matthews_correlation),
    )
}

fn row(name: &str, scores: &Scores) -> Vec<String> {
    let percent = |value: f64| format!("{:.2} %", 100.0 * value);
    vec![
        name.to_owned(),
        percent(scores.precision),
        percent(scores.recall),
        percent(scores.f1),
        grouped(scores.support as u64),
    ]
}
