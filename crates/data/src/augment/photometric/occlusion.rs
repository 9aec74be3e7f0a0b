//! Strokes over the picture.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{Point, draw_stroke};
use crate::random::uniform;
use crate::shape::ImageShape;

/// Corners of a stroke, at most.
const MOST_CORNERS: usize = 4;

/// Draws one to three strokes of random level and course across the picture, at most `width` pixels
/// wide for a picture of 28 pixels, and as wide in proportion for others.
pub(super) fn strokes(width: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let width = (width * shape.height.min(shape.width) as f32 / 28.0).max(0.5);
    for _ in 0..random.random_range(1..=3) {
        let corners = random.random_range(2..=MOST_CORNERS);
        let point = |random: &mut Pcg32| -> Point {
            let within = |side: usize| [-0.1 * side as f32, 1.1 * side as f32];
            [uniform(random, within(shape.width)), uniform(random, within(shape.height))]
        };
        let points: Vec<Point> = (0..corners).map(|_| point(random)).collect();
        let width = uniform(random, [0.5, width.max(0.5)]);
        for plane in levels.chunks_exact_mut(shape.plane()) {
            draw_stroke(shape, plane, &points, width, random.random());
        }
    }
}
