//! Principal component analysis (PCA): the two directions of the largest variance.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::FeatureMatrix;

/// Images projected onto their first two principal components.
#[derive(Clone, Debug, PartialEq)]
pub struct PrincipalComponents {
    /// The coordinates of every image, centred about 0. The sign of a component is chosen so that its
    /// largest weight is positive.
    pub points: Vec<[f64; 2]>,
    /// The fraction of the total variance that each component explains, 0 to 1.
    pub explained_variance_ratio: [f64; 2],
}

/// Dimension of the subspace that is iterated; the larger, the fewer iterations are needed.
const DIRECTIONS: usize = 10;
/// Each iteration multiplies the error by the ratio of the eleventh eigenvalue to the second.
const ITERATIONS: usize = 60;

/// The first two principal components of `features`, by subspace iteration (Golub and Van Loan,
/// "Matrix Computations", section 8.2). Its time grows with images times dimensions; a full
/// eigendecomposition of the covariance would take the cube of the dimensions. The second component
/// of features with one dimension is zero.
#[must_use]
pub fn principal_components(features: &FeatureMatrix) -> PrincipalComponents {
    let (images, dimensions) = (features.images(), features.dimensions());
    let mut centered = DMatrix::from_iterator(
        dimensions,
        images,
        features.rows().flatten().map(|value| f64::from(*value)),
    ); // [dimensions, images]
    let mean = centered.column_mean();
    for mut column in centered.column_iter_mut() {
        column -= &mean;
    }
    // Multiples of the golden ratio: an initial basis that is not orthogonal to any likely feature.
    let width = dimensions.min(DIRECTIONS);
    let start = (1..=dimensions * width).map(|n| (n as f64 * 0.618_033_988_749_895).fract() - 0.5);
    let mut basis = DMatrix::from_iterator(dimensions, width, start);
    for _ in 0..ITERATIONS {
        basis = (&centered * centered.tr_mul(&basis)).qr().q();
    }
    let along = centered.tr_mul(&basis); // [images, width]
    let eigen = SymmetricEigen::new(along.tr_mul(&along));
    let total = centered.norm_squared();

    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let mut points = vec![[0.0; 2]; images];
    let mut explained_variance_ratio = [0.0; 2];
    for (component, index) in order.into_iter().take(2).enumerate() {
        let weights = eigen.eigenvectors.column(index);
        let direction = &basis * weights;
        let sign = direction[direction.icamax()].signum();
        for (point, value) in points.iter_mut().zip((&along * weights * sign).iter()) {
            point[component] = *value;
        }
        if total > 0.0 {
            explained_variance_ratio[component] = (eigen.eigenvalues[index] / total).max(0.0);
        }
    }
    PrincipalComponents { points, explained_variance_ratio }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: &[[f64; 2]], expected: &[[f64; 2]]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn components_of_a_tilted_ellipse_are_its_axes() {
        // Around (1, 1, 5): ±5 along (3, 4, 0) / 5, ±1 along (-4, 3, 0) / 5.
        let values = vec![
            4.0, 5.0, 5.0, // +5
            -2.0, -3.0, 5.0, // -5
            0.2, 1.6, 5.0, // +1 across
            1.8, 0.4, 5.0, // -1 across
        ];
        let found = principal_components(&FeatureMatrix::new(values, 3).unwrap());
        // Across, the first feature has the greatest part and so counts positive.
        assert_close(&found.points, &[[5.0, 0.0], [-5.0, 0.0], [0.0, -1.0], [0.0, 1.0]]);
        assert_close(&[found.explained_variance_ratio], &[[50.0 / 52.0, 2.0 / 52.0]]);
    }

    #[test]
    fn features_without_spread_or_second_dimension_have_zeros() {
        let same = principal_components(&FeatureMatrix::new(vec![2.0; 6], 2).unwrap());
        assert_close(&same.points, &[[0.0; 2]; 3]);
        assert_close(&[same.explained_variance_ratio], &[[0.0; 2]]);
        let line = principal_components(&FeatureMatrix::new(vec![1.0, 3.0], 1).unwrap());
        assert_close(&line.points, &[[-1.0, 0.0], [1.0, 0.0]]);
        assert_close(&[line.explained_variance_ratio], &[[1.0, 0.0]]);
    }
}
