//! Strokes of a pen.

use crate::shape::ImageShape;

/// A place in an image: column and row of pixels, from the left upper corner of the first one.
pub(crate) type Point = [f32; 2];

/// Draws a stroke of a pen through `points` in one channel, `[height, width]`: `width` pixels wide with
/// a rim of one pixel, of this level where it covers the image.
pub(crate) fn draw_stroke(
    shape: ImageShape,
    plane: &mut [f32],
    points: &[Point],
    width: f32,
    level: f32,
) {
    let mut cover = vec![0.0_f32; shape.plane()];
    for ends in points.windows(2) {
        cover_segment(shape, &mut cover, ends[0], ends[1], width / 2.0);
    }
    for (pixel, cover) in plane.iter_mut().zip(cover) {
        *pixel += cover * (level - *pixel);
    }
}

/// Raises the cover of all pixels near a segment.
fn cover_segment(shape: ImageShape, cover: &mut [f32], from: Point, to: Point, radius: f32) {
    let reach = radius + 0.5;
    let range = |axis: usize, side: usize| {
        let low = (from[axis].min(to[axis]) - reach - 0.5).clamp(0.0, side as f32) as usize;
        let high = (from[axis].max(to[axis]) + reach + 0.5).clamp(0.0, side as f32) as usize;
        low..high
    };
    let along = [to[0] - from[0], to[1] - from[1]];
    let squared = (along[0] * along[0] + along[1] * along[1]).max(1e-6);
    for row in range(1, shape.height) {
        for column in range(0, shape.width) {
            let offset = [column as f32 + 0.5 - from[0], row as f32 + 0.5 - from[1]];
            let at = (offset[0] * along[0] + offset[1] * along[1]) / squared;
            let at = at.clamp(0.0, 1.0);
            let distance = (offset[0] - at * along[0]).hypot(offset[1] - at * along[1]);
            let pixel = &mut cover[row * shape.width + column];
            *pixel = pixel.max((reach - distance).clamp(0.0, 1.0));
        }
    }
}
