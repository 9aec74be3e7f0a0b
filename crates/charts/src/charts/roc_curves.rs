//! Receiver operating characteristic (ROC) curves: true positive rate against false positive rate.

use super::class_curves::{self, Corner, Kind, NamedCurve};
use crate::canvas::Picture;
use crate::error::PictureError;

const KIND: Kind = Kind {
    title: "ROC curves",
    x: "false positive rate",
    y: "true positive rate",
    area: "AUC",
    corner: Corner::Left,
    chance: Some([[0.0, 0.0], [1.0, 1.0]]),
};

/// Draws an ROC curve for every class, points `[false positive rate, true positive rate]`, and
/// averages. [`NamedCurve::area`] is the area under the curve. Of more than twelve classes, those with
/// the smallest area are drawn in colour.
///
/// # Errors
/// [`PictureError::Empty`] if there are no classes or a curve has no points,
/// [`PictureError::NotFinite`] if a coordinate or an area is not finite.
pub fn roc_curves(
    classes: &[NamedCurve],
    averages: &[NamedCurve],
) -> Result<Picture, PictureError> {
    class_curves::draw(KIND, classes, averages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;
    use crate::charts::class_curves::tests::curves;

    #[test]
    fn curves_of_few_and_many_classes_are_drawn() {
        for (classes, distance) in [(1, 0.0), (10, 0.02), (62, 0.3)] {
            let curves = curves(classes, Corner::Left, distance);
            assert_drawn(&roc_curves(&curves, &curves[..1]).unwrap(), 800.0);
        }
    }

    #[test]
    fn curves_without_points_or_numbers_are_refused() {
        assert!(matches!(roc_curves(&[], &[]), Err(PictureError::Empty { what: "curves" })));
        let mut curves = curves(1, Corner::Left, 0.1);
        curves[0].points[1][0] = f64::NAN;
        assert!(matches!(roc_curves(&curves, &[]), Err(PictureError::NotFinite { index: 2, .. })));
        curves[0].points.clear();
        assert!(matches!(roc_curves(&curves, &[]), Err(PictureError::Empty { .. })));
    }
}
