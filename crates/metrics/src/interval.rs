//! Confidence intervals of fractions such as the accuracy.

use serde::{Deserialize, Serialize};

use crate::mean::share;

/// The 0.975 quantile of the standard normal distribution, for a 95 % interval.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// An interval of fractions, `0 <= low <= high <= 1`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The 95 % Wilson score interval for `successes` in `trials`; `None` without trials.
///
/// Unlike the normal approximation it stays within 0 and 1, and does not shrink to a point when all
/// trials succeed. Source: Wilson, "Probable inference, the law of succession, and statistical inference",
/// 1927.
///
/// # Panics
///
/// If there are more successes than trials.
#[must_use]
pub fn wilson_interval(successes: usize, trials: usize) -> Option<Interval> {
    assert!(successes <= trials, "{successes} successes in {trials} trials");
    let share = share(successes, trials)?;
    let trials = trials as f64;
    let square = QUANTILE * QUANTILE;
    let shrink = 1.0 / (1.0 + square / trials);
    let center = (share + square / (2.0 * trials)) * shrink;
    let variance = share * (1.0 - share) / trials + square / (4.0 * trials * trials);
    let margin = QUANTILE * variance.sqrt() * shrink;
    // If all trials succeed or fail, one end is the fraction itself: rounding must not exceed it.
    Some(Interval {
        low: (center - margin).clamp(0.0, share),
        high: (center + margin).clamp(share, 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_trials_have_no_interval() {
        assert_eq!(wilson_interval(0, 0), None);
    }

    #[test]
    fn all_and_none_end_at_one_and_zero() {
        for trials in [1, 7, 10_000] {
            let all = wilson_interval(trials, trials).unwrap();
            let none = wilson_interval(0, trials).unwrap();
            assert_eq!((Some(all.high), Some(none.low)), (Some(1.0), Some(0.0)));
            assert!(all.low < 1.0 && none.high > 0.0);
            assert!((all.low + none.high - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn half_of_ten_is_symmetric_about_the_half() {
        // Half of ten: center 0.5, margin 0.5 z / sqrt(10 + z²).
        let interval = wilson_interval(5, 10).unwrap();
        assert!((interval.low - 0.236_593).abs() < 1e-6, "{interval:?}");
        assert!((interval.high - 0.763_407).abs() < 1e-6, "{interval:?}");
    }
}
