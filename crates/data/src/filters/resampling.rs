//! Lower resolution.

use crate::shape::ImageShape;

/// Shrinks the image to `fraction` of its sides, at least one pixel, and enlarges it again, both
/// bilinearly: detail is lost, as in a picture of few pixels.
pub(crate) fn lower_resolution(shape: ImageShape, levels: &mut [f32], fraction: f32) {
    let small = |side: usize| ((side as f32 * fraction).round() as usize).clamp(1, side);
    let (height, width) = (small(shape.height), small(shape.width));
    for plane in levels.chunks_exact_mut(shape.plane()) {
        let shrunk = resize(plane, [shape.height, shape.width], [height, width]);
        plane.copy_from_slice(&resize(&shrunk, [height, width], [shape.height, shape.width]));
    }
}

/// Bilinear interpolation between the centres of pixels.
fn resize(plane: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let rows = taps(from[0], to[0]);
    let columns = taps(from[1], to[1]);
    let mut out = Vec::with_capacity(to[0] * to[1]);
    for row in rows {
        let line = |at: usize| &plane[at * from[1]..][..from[1]];
        let (upper, lower) = (line(row.first), line(row.second));
        out.extend(columns.iter().map(|tap| {
            let at = |line: &[f32]| {
                line[tap.first] + tap.fraction * (line[tap.second] - line[tap.first])
            };
            let (upper, lower) = (at(upper), at(lower));
            upper + row.fraction * (lower - upper)
        }));
    }
    out
}

/// Two neighbours, and the fraction of the second.
struct Tap {
    first: usize,
    second: usize,
    fraction: f32,
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let tap = |at: usize| {
        let position = (at as f32 + 0.5) * from as f32 / to as f32 - 0.5;
        let position = position.clamp(0.0, (from - 1) as f32);
        let first = position as usize;
        Tap { first, second: (first + 1).min(from - 1), fraction: position - first as f32 }
    };
    (0..to).map(tap).collect()
}
