//! Checks of numbers against their ranges.

use super::invalid::Invalid;

/// Refuses numbers that are not above 0.
pub fn positive(key: &str, value: f64) -> Result<(), Invalid> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Invalid::new(key, format!("{value} is not a number above 0")))
}

/// Refuses numbers below 0.
pub fn not_negative(key: &str, value: f64) -> Result<(), Invalid> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Invalid::new(key, format!("{value} is not a number from 0 up")))
}

/// Refuses numbers outside [0, 1).
pub fn share(key: &str, value: f64) -> Result<(), Invalid> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Invalid::new(key, format!("{value} is outside 0 to 1 (1 excluded)")))
}
