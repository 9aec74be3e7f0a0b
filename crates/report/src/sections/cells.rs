//! How figures are written in the report's tables.

use metrics::numbers;

/// A fraction as a percentage with two decimals; a dash if it is undefined.
pub(super) fn percent(fraction: Option<f64>) -> String {
    fraction.map_or_else(|| "–".to_owned(), |fraction| numbers::percent(fraction, 2))
}

/// A figure with four decimals; a dash if it is undefined.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}
