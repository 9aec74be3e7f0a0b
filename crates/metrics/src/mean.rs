//! Fractions and means, which are `None` if there is nothing to divide by.

/// `part / whole`; `None` if `whole` is 0.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Mean of `values`; `None` if there are none.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_neither_share_nor_mean() {
        assert_eq!(share(0, 0), None);
        assert_eq!(mean([].into_iter()), None);
    }

    #[test]
    fn shares_and_means_are_quotients() {
        assert_eq!(share(1, 4), Some(0.25));
        assert_eq!(mean([1.0, 2.0, 6.0].into_iter()), Some(3.0));
    }
}
