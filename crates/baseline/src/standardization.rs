//! Features of mean 0 and comparable spread, so that one L2 strength suits all of them.

use ndarray::{Array1, ArrayView2, Zip};

/// The least deviation that a feature is divided by, as a share of the greatest one.
///
/// A pixel of the border that is inked in a handful of images would otherwise be stretched a
/// hundredfold where it is inked. That costs accuracy (MNIST's pixels: 94.02 instead of 94.14 % of
/// held-out images), and linfa's log-sum-exp, which subtracts one maximum for all rows, loses rows
/// whose logits lie 34 below it.
const LEAST_SHARE: f64 = 0.1;

/// What is subtracted from each feature, and then what it is divided by.
#[derive(Clone, Debug)]
pub(crate) struct Standardization {
    pub(crate) mean: Array1<f64>,      // [columns]
    pub(crate) deviation: Array1<f64>, // [columns], above zero
}

impl Standardization {
    /// Measures `[rows, columns]`, at least one row. Sums run down the rows in `f64`, so they do not
    /// depend on the number of threads.
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
        // Where no feature varies, there is nothing to scale.
        let least = if greatest > 0.0 { LEAST_SHARE * greatest } else { 1.0 };
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
    fn an_almost_constant_feature_is_not_blown_up() {
        let found = Standardization::of(aview2(&[[0.0, 10.0], [0.001, 30.0]]));
        assert_eq!(found.deviation, array![1.0, 10.0]);
    }

    #[test]
    fn constant_features_are_divided_by_one() {
        let found = Standardization::of(aview2(&[[5.0], [5.0]]));
        assert_eq!(found.deviation, array![1.0]);
    }
}
