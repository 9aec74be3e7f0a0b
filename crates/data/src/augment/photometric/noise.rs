//! Noise of sensors and transmission.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::filters::{map_levels, normal};
use crate::shape::ImageShape;

/// Adds normal noise of this standard deviation.
pub(super) fn gaussian(deviation: f32, random: &mut Pcg32, levels: &mut [f32]) {
    map_levels(levels, |level| level + deviation * normal(random));
}

/// Multiplies by normal noise of mean 1 and this standard deviation.
pub(super) fn speckle(deviation: f32, random: &mut Pcg32, levels: &mut [f32]) {
    map_levels(levels, |level| level + level * deviation * normal(random));
}

/// Adds the noise of counting photons: normal with this standard deviation at white, and a variance
/// proportional to the level, with a tenth of it on black, where the sensor itself makes noise.
pub(super) fn sensor(deviation: f32, random: &mut Pcg32, levels: &mut [f32]) {
    for level in levels {
        *level += deviation * (0.1 + 0.9 * level.max(0.0)).sqrt() * normal(random);
    }
}

/// Sets this fraction of the pixels to black or white, all channels at once.
pub(super) fn impulse(fraction: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let plane = shape.plane();
    for at in 0..plane {
        let number: f32 = random.random();
        if number < fraction {
            let level = f32::from(u8::from(number < fraction / 2.0));
            for other in levels.iter_mut().skip(at).step_by(plane) {
                *other = level;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    /// Mean and standard deviation of 40,000 pixels of this level after a change.
    fn moments(level: f32, change: impl Fn(&mut Pcg32, &mut [f32])) -> [f32; 2] {
        let mut levels = vec![level; 40_000];
        change(&mut stream(Purpose::Photometric, 1, &[]), &mut levels);
        let mean = levels.iter().sum::<f32>() / 40_000.0;
        let squares = levels.iter().map(|level| (level - mean).powi(2)).sum::<f32>();
        [mean, (squares / 40_000.0).sqrt()]
    }

    fn assert_moments(found: [f32; 2], expected: [f32; 2]) {
        let is_close = |at: usize| (found[at] - expected[at]).abs() < 0.01;
        assert!(is_close(0) && is_close(1), "{found:?} is not {expected:?}");
    }

    #[test]
    fn noise_has_its_deviation() {
        assert_moments(moments(0.5, |random, levels| gaussian(0.2, random, levels)), [0.5, 0.2]);
        assert_moments(moments(0.5, |random, levels| speckle(0.2, random, levels)), [0.5, 0.1]);
        assert_moments(moments(0.0, |random, levels| speckle(0.2, random, levels)), [0.0, 0.0]);
        assert_moments(moments(1.0, |random, levels| sensor(0.2, random, levels)), [1.0, 0.2]);
        let on_black = 0.2 * 0.1_f32.sqrt();
        assert_moments(moments(0.0, |random, levels| sensor(0.2, random, levels)), [0.0, on_black]);
    }

    #[test]
    fn impulses_are_half_black_and_half_white_and_cover_their_share_in_all_channels() {
        let shape = ImageShape { channels: 3, height: 100, width: 100 };
        let mut levels = vec![0.5; shape.pixels()];
        impulse(0.3, &mut stream(Purpose::Photometric, 1, &[]), shape, &mut levels);
        let count = |level: f32| levels.iter().filter(|&&other| other == level).count() as f32;
        for level in [0.0, 1.0] {
            assert!((count(level) / 30_000.0 - 0.15).abs() < 0.01);
        }
        assert_eq!(levels[..10_000], levels[20_000..]);
    }
}
