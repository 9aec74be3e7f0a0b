//! Range checks of settings.

use crate::error::DataError;

/// Refuses a setting outside `low..=high`, or NaN.
pub(crate) fn check_range(
    key: &'static str,
    value: f32,
    [low, high]: [f32; 2],
    unit: &str,
) -> Result<(), DataError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(DataError::Setting {
        key,
        value: value.to_string(),
        expected: format!("{low} to {high}{unit}"),
    })
}

/// Refuses a pair outside `low..=high`, or whose first number is larger than the second.
pub(crate) fn check_interval(
    key: &'static str,
    [from, to]: [f32; 2],
    [low, high]: [f32; 2],
) -> Result<(), DataError> {
    if low <= from && from <= to && to <= high {
        return Ok(());
    }
    let expected = format!("[least, greatest] from {low} to {high}");
    Err(DataError::Setting { key, value: format!("[{from}, {to}]"), expected })
}
