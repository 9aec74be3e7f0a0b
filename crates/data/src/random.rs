//! Random streams: the only place where seeds become generators.
//!
//! Every random decision has its own stream, identified by its purpose, the user's seed and a key.
//! No decision depends on how many numbers another one draws, or on the thread that it runs on.

use rand::RngExt;
use rand_pcg::Pcg32;

/// What the numbers are used for. The values are part of every run's reproducibility: never reuse
/// or renumber one.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Selection of a subset of a split.
    Subset = 1,
    /// Selection of validation images.
    Validation = 2,
    /// Shuffling of an epoch.
    Shuffle = 3,
    /// Augmentation of one image.
    Augment = 4,
    /// The partial digit that replaces one image.
    PartialDigit = 5,
    /// The invalid candidate made with one image.
    InvalidCandidate = 6,
    /// Selection of test images, where a data set has no test split.
    Test = 7,
    /// Division into folds.
    Folds = 8,
    /// Mirroring and change of levels of one image.
    Photometric = 9,
    /// The outlier made at one position.
    Outlier = 10,
    /// Mixing of one image with another.
    Mixing = 11,
    /// The transforms of a policy for one image.
    Policy = 12,
    /// Corruption of one test image.
    Corruption = 13,
}

/// The generator for a purpose, a seed and a key.
///
/// PCG XSH RR 64/32 (O'Neill 2014), whose output `rand_pcg` keeps stable across releases.
pub(crate) fn stream(purpose: Purpose, seed: u64, key: &[u64]) -> Pcg32 {
    let state = key.iter().fold(mix(seed), |state, &part| mix(state ^ mix(part)));
    Pcg32::new(state, purpose as u64)
}

/// A uniform number in `low..=high`; exactly `low` if the two are equal.
pub(crate) fn uniform(random: &mut Pcg32, [low, high]: [f32; 2]) -> f32 {
    low + (high - low) * random.random::<f32>()
}

/// One step of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014, figure 16): it decorrelates adjacent seeds, epochs and indices.
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
