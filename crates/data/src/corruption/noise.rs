//! Noise: every value changes by itself.

use rand::RngExt;
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg32;

use super::levels::Levels;
use crate::filters::normal;

/// Adds normally distributed noise of a standard deviation.
pub(super) fn gaussian(levels: &mut Levels, random: &mut Pcg32, deviation: f32) {
    levels.map(|level| level + deviation * normal(random));
}

/// Adds normally distributed noise whose standard deviation is `share` of the level.
pub(super) fn speckle(levels: &mut Levels, random: &mut Pcg32, share: f32) {
    levels.map(|level| level * (1.0 + share * normal(random)));
}

/// Counts photons, of which a white pixel receives `photons` on average: a Poisson distribution.
pub(super) fn shot(levels: &mut Levels, random: &mut Pcg32, photons: f32) {
    // No distribution has a mean of 0: black pixels receive no photons.
    let mut count = |mean: f32| Poisson::new(mean).map_or(0.0, |photons| photons.sample(random));
    levels.map(|level| count(level * photons) / photons);
}

/// Makes a share of the values 0 or 1, with equal probability.
pub(super) fn impulse(levels: &mut Levels, random: &mut Pcg32, share: f32) {
    levels.map(|level| match random.random::<f32>() {
        draw if draw < share / 2.0 => 0.0,
        draw if draw > 1.0 - share / 2.0 => 1.0,
        _ => level,
    });
}
