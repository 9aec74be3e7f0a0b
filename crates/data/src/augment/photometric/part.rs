//! Changes of a part of an image.

use std::f32::consts::{PI, TAU};

use rand_pcg::Pcg32;

use crate::random::uniform;
use crate::shape::ImageShape;

/// Restores the original in stripes: half-planes, or up to two and a half stripes, in a random direction.
pub(super) fn restore_stripes(
    random: &mut Pcg32,
    shape: ImageShape,
    levels: &mut [f32],
    original: &[f32],
) {
    let (down, right) = uniform(random, [0.0, PI]).sin_cos();
    let side = shape.height.max(shape.width) as f32;
    let frequency = uniform(random, [0.5, 2.5]) * TAU / side;
    let (phase, threshold) = (uniform(random, [0.0, TAU]), uniform(random, [-0.6, 0.6]));
    let planes = levels.chunks_exact_mut(shape.plane()).zip(original.chunks_exact(shape.plane()));
    for (plane, original) in planes {
        for (at, (level, original)) in plane.iter_mut().zip(original).enumerate() {
            let (row, column) = ((at / shape.width) as f32, (at % shape.width) as f32);
            if ((row * down + column * right) * frequency + phase).sin() > threshold {
                *level = *original;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn a_part_is_restored_in_all_channels_alike() {
        let shape = ImageShape { channels: 2, height: 20, width: 20 };
        let mut restored = 0;
        for seed in 0..100 {
            let mut levels = vec![1.0; 800];
            let mut random = stream(Purpose::Photometric, seed, &[]);
            restore_stripes(&mut random, shape, &mut levels, &[0.0; 800]);
            assert_eq!(levels[..400], levels[400..]);
            restored += levels[..400].iter().filter(|level| **level == 0.0).count();
        }
        assert!((15_000..25_000).contains(&restored), "{restored} of 40,000");
    }
}
