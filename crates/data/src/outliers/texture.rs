//! Textures, noise, and shapes filled with them.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{draw_stroke, map_levels, normal, pattern};
use crate::random::uniform;
use crate::shape::ImageShape;

/// A texture over the whole image, in a shape on an even background, or crossed by broad lines, as
/// photographs are by the edges of things.
pub(super) fn texture(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let plane = ImageShape { channels: 1, ..shape };
    let mut base = pattern(random, plane);
    if random.random_range(0..4) == 0 {
        cross_with_lines(random, plane, &mut base);
    }
    let mask = random.random::<bool>().then(|| silhouette(random, plane));
    let [dark, light] = [random.random::<f32>(), random.random::<f32>()];
    let background = if random.random() { 0.0 } else { random.random() };
    let mut levels = Vec::with_capacity(shape.pixels());
    for _ in 0..shape.channels {
        // Channels share a pattern, each in a range of its own.
        let [low, high] =
            if shape.channels == 1 { [dark, light] } else { [random.random(), random.random()] };
        levels.extend(base.iter().enumerate().map(|(at, value)| {
            let level = low + value * (high - low);
            mask.as_ref().map_or(level, |mask| background + mask[at] * (level - background))
        }));
    }
    levels
}

/// Draws one to three broad lines from beyond one border to beyond another over a pattern that they
/// nearly hide.
fn cross_with_lines(random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let behind = random.random::<f32>();
    let contrast = uniform(random, [0.0, 0.4]);
    map_levels(levels, |level| behind + contrast * (level - behind));
    let (height, width) = (shape.height as f32, shape.width as f32);
    for _ in 0..random.random_range(1..=3) {
        let mut along = |length: f32| uniform(random, [-0.1, 1.1]) * length;
        let points = if along(1.0) < 0.5 {
            [[along(width), -height], [along(width), along(height)], [along(width), 2.0 * height]]
        } else {
            [[-width, along(height)], [along(width), along(height)], [2.0 * width, along(height)]]
        };
        let broad = uniform(random, [0.04, 0.4]) * height.min(width);
        draw_stroke(shape, levels, &points, broad, random.random());
    }
}

/// A union of up to four rectangles and ellipses near the centre, in half of the cases mirrored as
/// clothes and vessels are: 1 inside and 0 outside.
fn silhouette(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let mut mask = vec![0.0_f32; shape.plane()];
    let (height, width) = (shape.height as f32, shape.width as f32);
    for _ in 0..random.random_range(1..=4) {
        let centre = [uniform(random, [0.3, 0.7]) * width, uniform(random, [0.3, 0.7]) * height];
        let half = [uniform(random, [0.1, 0.4]) * width, uniform(random, [0.1, 0.45]) * height];
        let (sine, cosine) = normal(random).sin_cos();
        let is_ellipse = random.random::<bool>();
        for (at, value) in mask.iter_mut().enumerate() {
            let x = (at % shape.width) as f32 - centre[0];
            let y = (at / shape.width) as f32 - centre[1];
            let [x, y] = [(x * cosine + y * sine) / half[0], (y * cosine - x * sine) / half[1]];
            let distance = if is_ellipse { x.hypot(y) } else { x.abs().max(y.abs()) };
            if distance <= 1.0 {
                *value = 1.0;
            }
        }
    }
    if random.random() {
        for line in mask.chunks_exact_mut(shape.width) {
            for column in 0..shape.width / 2 {
                let value = line[column].max(line[shape.width - 1 - column]);
                (line[column], line[shape.width - 1 - column]) = (value, value);
            }
        }
    }
    mask
}
