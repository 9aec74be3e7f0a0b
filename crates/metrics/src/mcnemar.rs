//! McNemar's test: is the difference between two models significant?
#![allow(clippy::doc_markdown)] // McNemar is a person, too.

/// The largest number of discordant images for the exact binomial test; above it the chi-square
/// approximation is close enough.
const EXACT: usize = 25;

/// McNemar's test of two models on the same images.
///
/// Only discordant images count: those that exactly one of the models classifies correctly. Under the
/// null hypothesis, that both models are equally good, each is equally likely to be either model's.
///
/// Up to 25 discordant images, the p-value is that of the two-sided exact binomial test; from 26, of
/// `(|only_first − only_second| − 1)² / (only_first + only_second)`, chi-square with one degree of
/// freedom and a continuity correction.
///
/// Sources: McNemar, "Note on the sampling error of the difference between correlated proportions
/// or percentages", 1947; the correction: Edwards, "Note on the correction for continuity in
/// testing the significance of the difference between correlated proportions", 1948.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct McNemar {
    /// Number of images that only the first model classifies correctly.
    pub only_first: usize,
    /// Number of images that only the second model classifies correctly.
    pub only_second: usize,
    /// Whether the p-value is that of the exact binomial test.
    pub exact: bool,
    /// Probability of a difference at least as large under the null hypothesis, 0 to 1; 1 if the models
    /// never differ.
    pub p_value: f64,
}

/// Why two models cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum McNemarError {
    /// The models were not evaluated on the same images.
    #[error(
        "the first model classified {first} images, the second {second}: expected the same images"
    )]
    Images {
        /// Number of images of the first model.
        first: usize,
        /// Number of images of the second model.
        second: usize,
    },
}

impl McNemar {
    /// Tests two models; `first` and `second` say for each image whether the model classified it
    /// correctly.
    ///
    /// # Errors
    ///
    /// [`McNemarError::Images`] if the lengths differ.
    pub fn test(first: &[bool], second: &[bool]) -> Result<Self, McNemarError> {
        if first.len() != second.len() {
            return Err(McNemarError::Images { first: first.len(), second: second.len() });
        }
        let count = |wanted| first.iter().zip(second).filter(|pair| *pair == wanted).count();
        let (only_first, only_second) = (count((&true, &false)), count((&false, &true)));
        let exact = only_first + only_second <= EXACT;
        let p_value = if exact { binomial } else { chi_square }(only_first, only_second);
        Ok(Self { only_first, only_second, exact, p_value })
    }
}

/// Two-sided p-value of the exact binomial test: the probability that tosses of a fair coin are at
/// least as uneven.
fn binomial(one: usize, other: usize) -> f64 {
    let tosses = one + other;
    // All terms and sums are integers below 2^26, so the floats are exact.
    let mut ways = 1.0;
    let mut sum = 0.0;
    for heads in 0..=one.min(other) {
        sum += ways;
        ways = ways * (tosses - heads) as f64 / (heads + 1) as f64;
    }
    let p_value = 2.0 * sum / (1_u64 << tosses) as f64;
    // If the counts are equal, both tails include the middle.
    p_value.min(1.0)
}

fn chi_square(one: usize, other: usize) -> f64 {
    let distance = one.abs_diff(other) as f64 - 1.0;
    let statistic = distance * distance / (one + other) as f64;
    // A chi-square variable with one degree of freedom is the square of a standard normal one.
    libm::erfc((statistic / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two models that differ on these numbers of images and agree on two.
    fn test(only_first: usize, only_second: usize) -> McNemar {
        let repeat = |first, second, third| [first, second, third].concat();
        let first = repeat(vec![true; only_first], vec![false; only_second], vec![true, false]);
        let second = repeat(vec![false; only_first], vec![true; only_second], vec![true, false]);
        McNemar::test(&first, &second).unwrap()
    }

    #[test]
    fn only_images_that_one_model_got_right_are_counted() {
        let found = test(3, 1);
        assert_eq!((found.only_first, found.only_second, found.exact), (3, 1, true));
        // 2 (1 + 4) / 16.
        assert!((found.p_value - 0.625).abs() < 1e-12);
    }

    #[test]
    fn models_that_never_differ_or_differ_evenly_are_equal() {
        assert!((test(0, 0).p_value - 1.0).abs() < 1e-12);
        assert!((test(4, 4).p_value - 1.0).abs() < 1e-12);
        assert!((McNemar::test(&[], &[]).unwrap().p_value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn more_than_25_differences_are_approximated() {
        assert!(test(20, 5).exact);
        let found = test(20, 6);
        assert!(!found.exact);
        // The statistic is 6.5, and 1.07 % of chi-square lies beyond it.
        assert!((found.p_value - 0.010_787).abs() < 1e-6, "{}", found.p_value);
    }

    #[test]
    fn models_of_different_images_are_refused() {
        let message = McNemar::test(&[true], &[true, false]).unwrap_err().to_string();
        assert_eq!(
            message,
            "the first model classified 1 images, the second 2: expected the same images"
        );
    }
}
