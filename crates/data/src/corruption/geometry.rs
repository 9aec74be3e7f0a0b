//! Geometry: strokes move. The border is replicated.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_pcg::Pcg32;

use super::levels::Levels;
use crate::augment::{Elastic, ElasticConfig, Transform, resample};
use crate::random::uniform;

/// Rotates by `degrees`, clockwise or the other way.
pub(super) fn rotate(levels: &mut Levels, random: &mut Pcg32, degrees: f32) {
    let angle = sign(random) * degrees.to_radians();
    transform(levels, angle, 0.0, 1.0, [0.0, 0.0]);
}

/// Moves columns by `shear` pixels per row, to the left or to the right.
pub(super) fn shear(levels: &mut Levels, random: &mut Pcg32, shear: f32) {
    let shear = sign(random) * shear;
    transform(levels, 0.0, shear, 1.0, [0.0, 0.0]);
}

/// Makes the picture smaller by `share` of its size, or larger by half as much: more would cut it.
pub(super) fn scale(levels: &mut Levels, random: &mut Pcg32, share: f32) {
    let factor = if random.random::<bool>() { 1.0 - share } else { 1.0 + share / 2.0 };
    transform(levels, 0.0, 0.0, factor, [0.0, 0.0]);
}

/// Moves the picture by `distance` pixels in a random direction.
pub(super) fn translate(levels: &mut Levels, random: &mut Pcg32, distance: f32) {
    let (sine, cosine) = uniform(random, [0.0, TAU]).sin_cos();
    transform(levels, 0.0, 0.0, 1.0, [distance * cosine, distance * sine]);
}

/// Displaces pixels by `displacement` pixels (root mean square), which change over `smoothness`
/// pixels.
pub(super) fn distort(levels: &mut Levels, random: &mut Pcg32, displacement: f32, smoothness: f32) {
    // Displacements of an image with hardly any pixels change nothing that can be recognized.
    let smoothness = smoothness.max(0.5);
    if let Ok(elastic) = Elastic::new(ElasticConfig { displacement, smoothness }, levels.shape) {
        let field = elastic.draw(random, levels.shape);
        resample(levels.shape, &Transform::default(), Some(&field), &mut levels.values);
    }
}

fn transform(levels: &mut Levels, angle: f32, shear: f32, scale: f32, shift: [f32; 2]) {
    let transform = Transform::new(levels.shape, angle, shear, scale, shift);
    resample(levels.shape, &transform, None, &mut levels.values);
}

/// 1 or -1.
fn sign(random: &mut Pcg32) -> f32 {
    if random.random::<bool>() { 1.0 } else { -1.0 }
}
