//! Scribbles: random strokes of a pen.

use rand::RngExt;
use rand_pcg::Pcg32;

use super::glyph::PEN;
use crate::filters::{Point, draw_stroke, normal};
use crate::random::uniform;
use crate::shape::ImageShape;

/// Two to five wandering strokes, or one that is as long as those together: less could be a digit.
pub(super) fn scribble(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let side = shape.height.min(shape.width) as f32;
    let width = uniform(random, PEN) * side;
    let mut plane = vec![0.0; shape.plane()];
    let strokes = random.random_range(1..=5);
    let steps = random.random_range(if strokes == 1 { 30..=60 } else { 4..=60 / strokes });
    for _ in 0..strokes {
        draw_stroke(shape, &mut plane, &course(random, shape, steps), width, 1.0);
    }
    plane.repeat(shape.channels)
}

/// A course that turns by random angles, and back towards the middle at the border.
fn course(random: &mut Pcg32, shape: ImageShape, steps: usize) -> Vec<Point> {
    let (width, height) = (shape.width as f32, shape.height as f32);
    let step = uniform(random, [0.06, 0.16]) * width.min(height);
    let mut at = [uniform(random, [0.15, 0.85]) * width, uniform(random, [0.15, 0.85]) * height];
    let mut angle = uniform(random, [0.0, std::f32::consts::TAU]);
    let restlessness = uniform(random, [0.05, 0.9]);
    // A bend that stays draws circles, which are digits.
    let mut bend = 0.4 * normal(random);
    let mut points = vec![at];
    for _ in 0..steps {
        bend = 0.9 * bend + 0.25 * normal(random);
        angle += bend + restlessness * normal(random);
        let next = [at[0] + step * angle.cos(), at[1] + step * angle.sin()];
        let is_inside = |axis: usize, side: f32| (0.1 * side..=0.9 * side).contains(&next[axis]);
        if !is_inside(0, width) || !is_inside(1, height) {
            angle = (height / 2.0 - at[1]).atan2(width / 2.0 - at[0]) + 0.5 * normal(random);
        }
        at = [at[0] + step * angle.cos(), at[1] + step * angle.sin()];
        points.push(at);
    }
    points
}
