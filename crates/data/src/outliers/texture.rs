//! Textures, noise, and shapes filled with them.

use std::f32::consts::PI;

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{Kernel, convolve, normal, smooth_field};
use crate::random::uniform;
use crate::shape::ImageShape;

/// A texture over the whole image, or in a shape on an even background.
pub(super) fn texture(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let plane = ImageShape { channels: 1, ..shape };
    let base = pattern(random, plane);
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

/// A pattern of levels from 0 to 1 in one channel.
fn pattern(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    match random.random_range(0..7) {
        0 => {
            let cells = random.random_range(1..=10);
            smooth_field(random, shape, cells)
        }
        1 => {
            let cells = random.random_range(2..=10);
            let (field, steepness) =
                (smooth_field(random, shape, cells), uniform(random, [5., 30.]));
            field.into_iter().map(|level| ((level - 0.5) * steepness + 0.5).clamp(0., 1.)).collect()
        }
        2 => waves(random, shape),
        3 => {
            let (one, other) = (waves(random, shape), waves(random, shape));
            one.iter()
                .zip(other)
                .map(|(one, other)| if *one > 0.5 { other } else { 1. - other })
                .collect()
        }
        4 => (0..shape.plane()).map(|_| random.random()).collect(),
        5 => {
            let share = uniform(random, [0.05, 0.6]);
            (0..shape.plane())
                .map(|_| f32::from(u8::from(random.random::<f32>() < share)))
                .collect()
        }
        _ => {
            let mut noise: Vec<f32> =
                (0..shape.plane()).map(|_| 0.5 + 0.7 * normal(random)).collect();
            let (length, angle) = (uniform(random, [1.0, 9.0]), uniform(random, [0.0, PI]));
            convolve(shape, &mut noise, &Kernel::line(length, angle));
            convolve(shape, &mut noise, &Kernel::disc(uniform(random, [0.0, 2.0])));
            noise.into_iter().map(|level| (0.5 + 2.0 * (level - 0.5)).clamp(0.0, 1.0)).collect()
        }
    }
}

/// Stripes in a random direction: waves, or with hard edges.
fn waves(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let (sine, cosine) = uniform(random, [0.0, PI]).sin_cos();
    let side = shape.height.max(shape.width) as f32;
    let frequency = uniform(random, [1.0, 9.0]) * 2.0 * PI / side;
    let phase = uniform(random, [0.0, 2.0 * PI]);
    let steepness = uniform(random, [0.5, 4.0]);
    let wave = |at: usize| {
        let (row, column) = ((at / shape.width) as f32, (at % shape.width) as f32);
        let level = ((row * sine + column * cosine) * frequency + phase).sin();
        (0.5 + steepness * level / 2.0).clamp(0.0, 1.0)
    };
    (0..shape.plane()).map(wave).collect()
}

/// A union of up to four rectangles and ellipses near the centre, 1 inside and 0 outside.
fn silhouette(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
    let mut mask = vec![0.0; shape.plane()];
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
    mask
}
