//! Random convolution (Xu, Liu, Yang, Raffel and Niethammer, "Robust and generalizable visual
//! representation learning via random convolutions", 2021): shapes stay, textures and contrasts
//! change.

use rand_pcg::Pcg32;

use crate::filters::{Kernel, convolve, normal};
use crate::shape::ImageShape;

/// Levels that are compared at once.
const LANES: usize = 8;

/// Convolves with a 3×3 kernel of normal weights of variance 1/9, and mixes the result, stretched to
/// the range of levels of the original, with the original: `strength` is its share.
pub(super) fn random_convolution(
    strength: f32,
    random: &mut Pcg32,
    shape: ImageShape,
    levels: &mut [f32],
) {
    let weights = (0..9).map(|_| normal(random) / 3.0).collect();
    let mut changed = levels.to_vec();
    convolve(shape, &mut changed, &Kernel { height: 3, width: 3, weights });
    let ([low, high], [from, to]) = (range(levels), range(&changed));
    let scale = (high - low) / (to - from).max(1e-6);
    for (level, changed) in levels.iter_mut().zip(changed) {
        *level += strength * (low + (changed - from) * scale - *level);
    }
}

/// The smallest and the largest level. In lanes, because compilers keep the order of comparisons.
fn range(levels: &[f32]) -> [f32; 2] {
    let (lanes, rest) = levels.as_chunks::<LANES>();
    let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for levels in lanes {
        for ((low, high), &level) in low.iter_mut().zip(&mut high).zip(levels) {
            *low = if level < *low { level } else { *low };
            *high = if level > *high { level } else { *high };
        }
    }
    let low = low.iter().chain(rest).copied().fold(f32::INFINITY, f32::min);
    [low, high.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)]
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn the_range_of_levels_stays_and_the_strength_is_the_share() {
        let shape = ImageShape { channels: 1, height: 8, width: 8 };
        let original: Vec<f32> = (0..64).map(|at| 0.2 + (at * 37 % 64) as f32 / 128.0).collect();
        let convolved = |strength| {
            let mut levels = original.clone();
            let mut random = stream(Purpose::Photometric, 3, &[]);
            random_convolution(strength, &mut random, shape, &mut levels);
            levels
        };
        assert_eq!(convolved(0.0), original);
        let (whole, half) = (convolved(1.0), convolved(0.5));
        let [low, high] = range(&whole);
        assert!((low - range(&original)[0]).abs() < 1e-5);
        assert!((high - range(&original)[1]).abs() < 1e-5);
        for ((half, whole), original) in half.iter().zip(&whole).zip(&original) {
            assert!((half - f32::midpoint(*whole, *original)).abs() < 1e-5);
        }
    }

    #[test]
    fn an_even_image_stays_finite() {
        let shape = ImageShape { channels: 3, height: 4, width: 4 };
        let mut levels = vec![0.5; 48];
        random_convolution(1.0, &mut stream(Purpose::Photometric, 3, &[]), shape, &mut levels);
        assert!(levels.iter().all(|level| level.is_finite()));
    }
}
