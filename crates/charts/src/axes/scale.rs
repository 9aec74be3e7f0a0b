//! Scales map values to positions on an axis and choose its ticks.

use metrics::numbers::{grouped, percent};

/// How positions on an axis are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spacing {
    Linear,
    /// Equal ratios of values have equal distances.
    Logarithmic,
    /// For accuracies: the error rate, 1 minus the value, on a log scale, so that 90 %, 99 % and 99.9 %
    /// have equal distances.
    LogError,
}

/// The unit of the values of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Number,
    Whole,
    Percent,
}

/// A tick's value and label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub value: f64,
    pub label: String,
}

/// The range of an axis and the spacing of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    spacing: Spacing,
    low: f64,
    high: f64,
}

impl Scale {
    /// Evenly spaced from `low` to `high`.
    pub fn linear(low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self { spacing: Spacing::Linear, low, high }
    }

    /// Logarithmic from `low` above 0 to `high`.
    pub fn logarithmic(low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low * 10.0 };
        Self { spacing: Spacing::Logarithmic, low, high }
    }

    /// Accuracies from `low` to `high`, which is below 1; values above it are drawn at the end.
    pub fn log_error(low: f64, high: f64) -> Self {
        Self { spacing: Spacing::LogError, low, high }
    }

    /// The position of a value: 0 at the low end, 1 at the high end.
    pub fn position(self, value: f64) -> f32 {
        let along = |value: f64| match self.spacing {
            Spacing::Linear => value,
            Spacing::Logarithmic => value.max(self.low / 10.0).log10(),
            Spacing::LogError => -(1.0 - value).max(1.0 - self.high).log10(),
        };
        ((along(value) - along(self.low)) / (along(self.high) - along(self.low))) as f32
    }

    /// Ticks at round values, at most about `limit`.
    pub fn ticks(self, limit: usize, unit: Unit) -> Vec<Tick> {
        match self.spacing {
            Spacing::Linear => self.linear_ticks(limit, unit),
            Spacing::Logarithmic => round_between(self.low, self.high, limit)
                .into_iter()
                .map(|(value, decimals)| tick(value, decimals, unit))
                .collect(),
            Spacing::LogError => round_between(1.0 - self.high, 1.0 - self.low, limit)
                .into_iter()
                .map(|(error, decimals)| tick(1.0 - error, decimals, unit))
                .collect(),
        }
    }

    fn linear_ticks(self, limit: usize, unit: Unit) -> Vec<Tick> {
        let smallest = if unit == Unit::Whole { 1.0 } else { 0.0 };
        let step = round_up((self.high - self.low) / limit.max(1) as f64).max(smallest);
        // A thousandth of a step allows for rounding errors at the ends.
        let first = (self.low / step - 1e-3).ceil() as i64;
        let last = (self.high / step + 1e-3).floor() as i64;
        let decimals = decimals(step);
        (first..=last).map(|index| tick(index as f64 * step, decimals, unit)).collect()
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is at least `value`, which is positive.
pub(crate) fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let factor = value / power;
    let rounded = [1.0, 2.0, 5.0].into_iter().find(|round| factor <= round + 1e-9).unwrap_or(10.0);
    rounded * power
}

/// Round values from `low` to `high` with the decimals that they need: 1, 2 and 5 times the powers of
/// ten, or fewer of them if there would be more than `limit`.
fn round_between(low: f64, high: f64, limit: usize) -> Vec<(f64, usize)> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let values = |factors: &'static [f64], every: usize| -> Vec<(f64, usize)> {
        let values = powers.clone().step_by(every).flat_map(|power| {
            let decimals = usize::try_from(-power).unwrap_or(0);
            factors.iter().map(move |factor| (factor * 10_f64.powi(power), decimals))
        });
        values.filter(|(value, _)| (low * 0.999..=high * 1.001).contains(value)).collect()
    };
    [(&[1.0, 2.0, 5.0][..], 1), (&[1.0, 3.0][..], 1), (&[1.0][..], 1), (&[1.0][..], 2)]
        .into_iter()
        .map(|(factors, every)| values(factors, every))
        .find(|values| values.len() <= limit)
        .unwrap_or_else(|| values(&[1.0], 3))
}

fn decimals(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).max(0.0) as usize
}

fn tick(value: f64, decimals: usize, unit: Unit) -> Tick {
    let label = match unit {
        Unit::Number => format!("{value:.decimals$}"),
        Unit::Whole => grouped(value.max(0.0) as u64),
        Unit::Percent => percent(value, decimals.saturating_sub(2)),
    };
    // Rounding can leave a minus sign on zero.
    let label =
        if label.starts_with("-0") && value.abs() < 1e-12 { label[1..].to_owned() } else { label };
    Tick { value, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, limit: usize, unit: Unit) -> Vec<String> {
        scale.ticks(limit, unit).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(
            labels(Scale::linear(0.0, 1.0), 5, Unit::Number),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(Scale::linear(-1.0, 1.0), 2, Unit::Number), ["-1", "0", "1"]);
        assert_eq!(
            labels(Scale::linear(0.97, 1.0), 3, Unit::Percent),
            ["97 %", "98 %", "99 %", "100 %"]
        );
        assert_eq!(labels(Scale::linear(0.5, 1.5), 8, Unit::Whole), ["1"]);
    }

    #[test]
    fn logarithmic_ticks_are_round() {
        assert_eq!(
            labels(Scale::logarithmic(0.02, 0.6), 6, Unit::Number),
            ["0.02", "0.05", "0.1", "0.2", "0.5"]
        );
        assert_eq!(
            labels(Scale::logarithmic(1.0, 1e4), 5, Unit::Whole),
            ["1", "10", "100", "1,000", "10,000"]
        );
    }

    #[test]
    fn powers_of_ten_of_the_error_have_equal_distances() {
        let scale = Scale::log_error(0.9, 0.999);
        assert!((scale.position(0.99) - 0.5).abs() < 1e-6);
        assert!((scale.position(1.0) - 1.0).abs() < 1e-6);
        assert_eq!(labels(scale, 3, Unit::Percent), ["99.9 %", "99 %", "90 %"]);
    }

    #[test]
    fn range_of_one_value_still_has_a_position() {
        assert!(Scale::linear(2.0, 2.0).position(2.0).abs() < 1e-6);
        assert!(Scale::logarithmic(2.0, 2.0).position(2.0).abs() < 1e-6);
    }
}
