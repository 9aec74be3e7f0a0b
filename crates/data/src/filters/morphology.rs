//! Grey dilation and erosion: light strokes become thicker or thinner.

use crate::shape::ImageShape;

/// Thickens what is light by `radius` pixels on each side; a fraction of a pixel is blended.
pub(crate) fn dilate(shape: ImageShape, levels: &mut [f32], radius: f32) {
    spread(shape, levels, radius, |one, other| if other > one { other } else { one });
}

/// Thickens what is dark by `radius` pixels on each side.
pub(crate) fn erode(shape: ImageShape, levels: &mut [f32], radius: f32) {
    spread(shape, levels, radius, |one, other| if other < one { other } else { one });
}

/// Every pixel becomes the extreme of its neighbourhood, as often as the radius has pixels: a cross
/// and a square by turns, which together are nearly round.
fn spread(
    shape: ImageShape,
    levels: &mut [f32],
    radius: f32,
    extreme: impl Fn(f32, f32) -> f32 + Copy,
) {
    let mut left = radius;
    let mut is_square = false;
    while left > 0.0 {
        let weight = left.min(1.0);
        for plane in levels.chunks_exact_mut(shape.plane()) {
            let original = plane.to_vec();
            extreme_of_neighbours(shape, plane, is_square, extreme);
            for (level, original) in plane.iter_mut().zip(original) {
                *level = original + weight * (*level - original);
            }
        }
        (left, is_square) = (left - 1.0, !is_square);
    }
}

fn extreme_of_neighbours(
    shape: ImageShape,
    plane: &mut [f32],
    is_square: bool,
    extreme: impl Fn(f32, f32) -> f32,
) {
    let original = plane.to_vec();
    for line in plane.chunks_exact_mut(shape.width) {
        let source = line.to_vec();
        for (column, level) in line.iter_mut().enumerate().skip(1) {
            *level = extreme(*level, source[column - 1]);
        }
        for (level, next) in line.iter_mut().zip(&source[1..]) {
            *level = extreme(*level, *next);
        }
    }
    let across = plane.to_vec();
    let vertical = if is_square { &across } else { &original };
    for (row, line) in plane.chunks_exact_mut(shape.width).enumerate() {
        let mut take = |source: usize| {
            for (level, other) in line.iter_mut().zip(&vertical[source * shape.width..]) {
                *level = extreme(*level, *other);
            }
        };
        if row > 0 {
            take(row - 1);
        }
        if row + 1 < shape.height {
            take(row + 1);
        }
    }
}
