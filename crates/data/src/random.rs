//! Random numbers by purpose: the one place where seeds become generators.
//!
//! Every random decision draws from a stream of its own, named by its purpose, the user's seed and
//! a key, so no decision depends on how many numbers another one drew or on which thread it ran.

use rand::RngExt;
use rand_pcg::Pcg32;

/// What the numbers are for. Values are part of every run's reproducibility: never reuse or
/// renumber one.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Which images of a split to use.
    Subset = 1,
    /// Which training images to hold out for validation.
    Validation = 2,
    /// The order of an epoch.
    Shuffle = 3,
    /// The distortion of one image.
    Augment = 4,
    /// How one image is cut out of a line.
    RoughCut = 5,
    /// A piece of ink that is no digit.
    WrongCut = 6,
}

/// The generator for `purpose` under `seed`, one for each `key`.
///
/// PCG XSH RR 64/32 (O'Neill 2014), whose numbers `rand_pcg` promises to keep from release to
/// release.
pub(crate) fn stream(purpose: Purpose, seed: u64, key: &[u64]) -> Pcg32 {
    let state = key.iter().fold(mix(seed), |state, &part| mix(state ^ mix(part)));
    Pcg32::new(state, purpose as u64)
}

/// A number in `low..=high`; exactly `low` where the two are equal.
pub(crate) fn uniform(random: &mut Pcg32, [low, high]: [f32; 2]) -> f32 {
    low + (high - low) * random.random::<f32>()
}

/// One step of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014, figure 16): neighbouring seeds, epochs and indices come out unrelated.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(purpose: Purpose, seed: u64, key: &[u64]) -> u64 {
        stream(purpose, seed, key).random()
    }

    #[test]
    fn mixing_matches_the_published_splitmix64() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn streams_differ_by_purpose_seed_and_every_part_of_the_key() {
        let reference = first(Purpose::Augment, 42, &[1, 2]);
        assert_eq!(reference, first(Purpose::Augment, 42, &[1, 2]));
        assert_ne!(reference, first(Purpose::Shuffle, 42, &[1, 2]));
        assert_ne!(reference, first(Purpose::Augment, 43, &[1, 2]));
        assert_ne!(reference, first(Purpose::Augment, 42, &[2, 1]));
        assert_ne!(reference, first(Purpose::Augment, 42, &[1]));
    }

    #[test]
    fn uniform_stays_within_its_bounds() {
        let mut random = stream(Purpose::Augment, 0, &[]);
        assert!((0..1000).all(|_| (-2.0..=3.0).contains(&uniform(&mut random, [-2.0, 3.0]))));
        assert_eq!(uniform(&mut random, [0.0, 0.0]).to_bits(), 0);
    }
}
