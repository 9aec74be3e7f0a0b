//! Standardization: features of mean 0 and similar deviation, so that one L2 strength fits all of
//! them.

use ndarray::{Array1, ArrayView2, Zip};

/// The smallest divisor of a feature, as a share of the largest deviation.
///
/// A pixel at the border that has ink in a few images would otherwise become very large in those.
/// That costs accuracy, and linfa's log-sum-exp, which subtracts one maximum for all rows, loses
/// precision on rows whose logits are far below it.
const MIN_SHARE: f64 = 0.1;

/// The mean that is subtracted from each feature, and the deviation that it is divided by.
#[derive(Clone, Debug)]
pub(crate) struct Standardization {
    pub(crate) mean: Array1<f64>,      // [columns]
    pub(crate) deviation: Array1<f64>, // [columns], above zero
}

impl Standardization {
    /// Computes the statistics of `[rows, columns]`, at least one row. Sums are taken in the order
    /// of the rows, in `f64`, so that they do not depend on the number of threads.
    pub(crate) fn of(features: ArrayView2<f32>) -> Self {
        let rows = features.nrows() as f64;
        let mut mean = Array1::<f64>::zeros(features.ncols());
        for row in features.rows() {
            mean.zip_mut_with(&row, |sum, &value| *sum += f64::from(value));
        }
        mean /= rows;
        let mut squares = Array1::<f64>::zeros(features.ncols());
        for row in features.rows() {
            Zip::from(&mut squares)
                .and(&mean)
                .and(&row)
                .for_each(|square, mean, &value| *square += (f64::from(value) - mean).powi(2));
        }
        let deviation = squares.mapv_into(|square| (square / rows).sqrt());
        let greatest = deviation.iter().copied().fold(0.0, f64::max);
        // If no feature varies, the divisor is 1.
        let least = if greatest > 0.0 { MIN_SHARE * greatest } else { 1.0 };
        Self { mean, deviation: deviation.mapv_into(|deviation| deviation.max(least)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{array, aview2};

    #[test]
    fn mean_and_deviation_are_those_of_each_column() {
        let Standardization { mean, deviation } =
            Standardization::of(aview2(&[[1.0, 10.0], [3.0, 14.0]]));
        assert_eq!((mean, deviation), (array![2.0, 12.0], array![1.0, 2.0]));
    }

    #[test]
    fn an_almost_constant_feature_is_not_amplified() {
        let found = Standardization::of(aview2(&[[0.0, 10.0], [0.001, 30.0]]));
        assert_eq!(found.deviation, array![1.0, 10.0]);
    }

    #[test]
    fn constant_features_are_divided_by_one() {
        let found = Standardization::of(aview2(&[[5.0], [5.0]]));
        assert_eq!(found.deviation, array![1.0]);
    }
}
