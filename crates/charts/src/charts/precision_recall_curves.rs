//! Precision–recall curves.

use super::class_curves::{self, Corner, Kind, NamedCurve};
use crate::canvas::Picture;
use crate::error::PictureError;

const KIND: Kind = Kind {
    title: "Precision–recall curves",
    x: "recall",
    y: "precision",
    area: "AP",
    corner: Corner::Right,
    chance: None,
};

/// Draws a curve of precision against recall for every class, points `[recall, precision]`, and
/// averages. [`NamedCurve::area`] is the average precision. Of more than twelve classes, those with the
/// lowest are drawn in colour.
///
/// # Errors
/// [`PictureError::Empty`] if there are no classes or a curve has no points,
/// [`PictureError::NotFinite`] if a coordinate or an area is not finite.
pub fn precision_recall_curves(
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
            let curves = curves(classes, Corner::Right, distance);
            assert_drawn(&precision_recall_curves(&curves, &curves[..1]).unwrap(), 800.0);
        }
    }
}
