//! Light and background: levels change smoothly over the whole image.

use std::f32::consts::TAU;

use rand_pcg::Pcg32;

use super::levels::Levels;
use crate::filters::smooth_field;
use crate::random::uniform;

/// Scales the distances of all levels from their mean.
pub(super) fn contrast(levels: &mut Levels, factor: f32) {
    let mean = levels.mean();
    levels.map(|level| mean + factor * (level - mean));
}

/// Adds to all levels.
pub(super) fn brighten(levels: &mut Levels, amount: f32) {
    levels.map(|level| level + amount);
}

/// Mixes the image with smooth random clouds of two sizes, of which `share` is seen.
pub(super) fn fog(levels: &mut Levels, random: &mut Pcg32, share: f32) {
    let [large, small] = [2, 5].map(|cells| smooth_field(random, levels.shape, cells));
    let plane = levels.shape.plane();
    for channel in levels.values.chunks_exact_mut(plane) {
        for ((level, large), small) in channel.iter_mut().zip(&large).zip(&small) {
            let cloud = (2.0 * large + small) / 3.0;
            *level += share * (cloud - *level);
        }
    }
}

/// Adds a gradient in a random direction, from `-amount` at one side to `amount` at the other.
pub(super) fn shadow(levels: &mut Levels, random: &mut Pcg32, amount: f32) {
    let along = direction(random);
    let middle = [levels.shape.width, levels.shape.height].map(|side| (side as f32 - 1.0) / 2.0);
    // The projection of the image onto the direction reaches this far from the middle.
    let reach = (middle[0] * along[0].abs() + middle[1] * along[1].abs()).max(1.0);
    levels.map_places(
        |place| amount * dot([place[0] - middle[0], place[1] - middle[1]], along) / reach,
        |level, change| level + change,
    );
}

/// Mixes the image with its negative: a share of 1 is the negative, 0.5 an even grey.
pub(super) fn invert(levels: &mut Levels, share: f32) {
    levels.map(|level| level + share * (1.0 - 2.0 * level));
}

/// Mixes the image with sinusoidal stripes in a random direction, 3 to 6 of them along the shorter
/// side, of which `share` is seen.
pub(super) fn stripes(levels: &mut Levels, random: &mut Pcg32, share: f32) {
    let along = direction(random);
    let frequency = uniform(random, [3.0, 6.0]) * TAU / levels.side();
    let phase = uniform(random, [0.0, TAU]);
    levels.map_places(
        |place| 0.5 + 0.5 * (frequency * dot(place, along) + phase).sin(),
        |level, stripe| level + share * (stripe - level),
    );
}

/// A unit vector in a random direction.
fn direction(random: &mut Pcg32) -> [f32; 2] {
    let (sine, cosine) = uniform(random, [0.0, TAU]).sin_cos();
    [cosine, sine]
}

fn dot(a: [f32; 2], b: [f32; 2]) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}
