//! Random patterns: what is behind a picture, or all that it shows.

use std::f32::consts::PI;

use rand::RngExt;
use rand_pcg::Pcg32;

use super::convolution::convolve;
use super::kernel::Kernel;
use super::noise::normal;
use super::smooth_field::smooth_field;
use crate::random::uniform;
use crate::shape::ImageShape;

/// A random pattern of levels from 0 to 1 in one channel, `[height, width]`: smooth or with edges,
/// stripes, tiles, noise, or noise with a grain.
pub(crate) fn pattern(random: &mut Pcg32, shape: ImageShape) -> Vec<f32> {
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
            let fraction = uniform(random, [0.05, 0.6]);
            (0..shape.plane())
                .map(|_| f32::from(u8::from(random.random::<f32>() < fraction)))
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
    let length = shape.height.max(shape.width) as f32;
    let frequency = uniform(random, [1.0, 9.0]) * 2.0 * PI / length;
    let phase = uniform(random, [0.0, 2.0 * PI]);
    let steepness = uniform(random, [0.5, 4.0]);
    let wave = |at: usize| {
        let (row, column) = ((at / shape.width) as f32, (at % shape.width) as f32);
        let level = ((row * sine + column * cosine) * frequency + phase).sin();
        (0.5 + steepness * level / 2.0).clamp(0.0, 1.0)
    };
    (0..shape.plane()).map(wave).collect()
}
