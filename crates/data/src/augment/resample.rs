//! Bilinear resampling with a replicated border: the only place where training images are
//! interpolated.

use super::affine::Transform;
use super::elastic::Field;
use crate::shape::ImageShape;

/// The four pixels around a source position: the index of the upper left one, and the weights of
/// the others.
#[derive(Clone, Copy, Default)]
struct Tap {
    index: usize,
    right: f32,
    down: f32,
}

/// Resamples a normalized image, `[channels, height, width]`, at the positions of `transform` plus
/// the displacements of `field`.
pub(crate) fn resample(
    shape: ImageShape,
    transform: &Transform,
    field: Option<&Field>,
    image: &mut [f32],
) {
    let padded = pad(shape, image);
    let stride = shape.width + 1;
    let (last_column, last_row) = ((shape.width - 1) as f32, (shape.height - 1) as f32);
    let mut xs = vec![0.0; shape.width];
    let mut ys = vec![0.0; shape.width];
    let mut taps = vec![Tap::default(); shape.width];
    for row in 0..shape.height {
        fill_line(
            &mut xs,
            transform.origin[0] + transform.down[0] * row as f32,
            transform.along[0],
        );
        fill_line(
            &mut ys,
            transform.origin[1] + transform.down[1] * row as f32,
            transform.along[1],
        );
        if let Some(field) = field {
            add(&mut xs, &field.x[row * shape.width..]);
            add(&mut ys, &field.y[row * shape.width..]);
        }
        for ((tap, &x), &y) in taps.iter_mut().zip(&xs).zip(&ys) {
            let (x, y) = (x.clamp(0.0, last_column), y.clamp(0.0, last_row));
            // Positions are not negative, so that the conversion rounds down.
            let (column, row) = (x as u32, y as u32);
            *tap = Tap {
                index: row as usize * stride + column as usize,
                right: x - column as f32,
                down: y - row as f32,
            };
        }
        let padded_planes = padded.chunks_exact(stride * (shape.height + 1));
        for (padded, plane) in padded_planes.zip(image.chunks_exact_mut(shape.plane())) {
            for (value, tap) in plane[row * shape.width..].iter_mut().zip(&taps) {
                let corner = &padded[tap.index..][..stride + 2];
                let upper = corner[0] + tap.right * (corner[1] - corner[0]);
                let lower = corner[stride] + tap.right * (corner[stride + 1] - corner[stride]);
                *value = upper + tap.down * (lower - upper);
            }
        }
    }
}

/// Repeats the last column and the last row of every plane, `[channels, height + 1, width + 1]`, so
/// that a clamped position always has a right and a lower neighbour.
fn pad(shape: ImageShape, image: &[f32]) -> Vec<f32> {
    let mut padded = Vec::with_capacity(shape.channels * (shape.height + 1) * (shape.width + 1));
    for plane in image.chunks_exact(shape.plane()) {
        let last_row = &plane[shape.plane() - shape.width..];
        for row in plane.chunks_exact(shape.width).chain([last_row]) {
            padded.extend_from_slice(row);
            padded.push(row[shape.width - 1]);
        }
    }
    padded
}

fn fill_line(line: &mut [f32], start: f32, step: f32) {
    for (column, value) in line.iter_mut().enumerate() {
        *value = start + step * column as f32;
    }
}

fn add(line: &mut [f32], displacements: &[f32]) {
    for (value, displacement) in line.iter_mut().zip(displacements) {
        *value += displacement;
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::FRAC_PI_2;

    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 5, width: 7 };

    fn image(shape: ImageShape) -> Vec<f32> {
        (0..shape.pixels()).map(|index| (index * 31 % 17) as f32 * 0.37 - 1.0).collect()
    }

    /// The image whose pixel at each (row, column) is the original's at `source(row, column)`, or
    /// the nearest one within.
    fn moved(shape: ImageShape, source: impl Fn(isize, isize) -> (isize, isize)) -> Vec<f32> {
        let (height, width) = (shape.height.cast_signed(), shape.width.cast_signed());
        let mut out = Vec::new();
        for plane in image(shape).chunks_exact(shape.plane()) {
            for row in 0..height {
                for column in 0..width {
                    let (row, column) = source(row, column);
                    let (row, column) = (row.clamp(0, height - 1), column.clamp(0, width - 1));
                    out.push(plane[(row * width + column).cast_unsigned()]);
                }
            }
        }
        out
    }

    fn resampled(shape: ImageShape, transform: &Transform, field: Option<&Field>) -> Vec<f32> {
        let mut image = image(shape);
        resample(shape, transform, field, &mut image);
        image
    }

    #[test]
    fn shift_by_whole_pixels_moves_every_pixel_exactly_and_repeats_the_border() {
        let out = resampled(SHAPE, &Transform::new(SHAPE, 0.0, 0.0, 1.0, [2.0, -1.0]), None);
        assert_eq!(out, moved(SHAPE, |row, column| (row + 1, column - 2)));
    }

    #[test]
    fn quarter_turn_takes_rows_to_columns_clockwise() {
        let square = ImageShape { channels: 1, height: 6, width: 6 };
        let out = resampled(square, &Transform::new(square, FRAC_PI_2, 0.0, 1.0, [0.0, 0.0]), None);
        let expected = moved(square, |row, column| (5 - column, row));
        let error = out.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(error < 1e-4, "{out:?} is not {expected:?}");
    }

    #[test]
    fn doubling_halves_the_distances_from_the_centre() {
        let out = resampled(SHAPE, &Transform::new(SHAPE, 0.0, 0.0, 2.0, [0.0, 0.0]), None);
        let original = image(SHAPE);
        let middle = 2 * SHAPE.width + 3;
        let expected = [original[middle], original[middle].midpoint(original[middle + 1])];
        for (out, expected) in out[middle..].iter().zip(expected) {
            assert!((out - expected).abs() < 1e-6, "{out} is not {expected}");
        }
    }

    #[test]
    fn slant_moves_rows_sideways_in_proportion_to_their_height() {
        let out = resampled(SHAPE, &Transform::new(SHAPE, 0.0, 1.0, 1.0, [0.0, 0.0]), None);
        assert_eq!(out, moved(SHAPE, |row, column| (row, column - (row - 2))));
    }

    #[test]
    fn field_of_whole_pixels_displaces_exactly() {
        let field = Field { x: vec![1.0; SHAPE.plane()], y: vec![-1.0; SHAPE.plane()] };
        let out = resampled(SHAPE, &Transform::default(), Some(&field));
        assert_eq!(out, moved(SHAPE, |row, column| (row - 1, column + 1)));
    }
}
