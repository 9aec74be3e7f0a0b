//! Policies: transforms and strengths that nobody has to choose.

mod operation;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_distr::{Beta, Distribution, Exp1};
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::operation::Operation;
use crate::shape::ImageShape;

/// Which transforms an image gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// One of fourteen transforms at random, at a random strength: `TrivialAugment` (Müller and Hutter,
    /// "`TrivialAugment`: tuning-free yet state-of-the-art data augmentation", 2021).
    Trivial,
    /// `AugMix` (Hendrycks, Mu, Cubuk, Zoph, Gilmer and Lakshminarayanan, "`AugMix`: a simple data
    /// processing method to improve robustness and uncertainty", 2020): beside each image, two mixtures
    /// of it with transformed copies, on which the network's answers must agree with that on the image.
    Augmix,
}

impl Policy {
    /// Number of further views that each labelled image has in a batch.
    #[must_use]
    pub fn views(self) -> usize {
        match self {
            Self::Trivial => 0,
            Self::Augmix => 2,
        }
    }
}

/// Chains of transforms in a mixture of `AugMix`, and most transforms in a chain: the paper's.
const CHAINS: usize = 3;
const LONGEST_CHAIN: usize = 3;
/// Share of a transform's whole range in `AugMix`: the paper's severity 3 of 10.
const AUGMIX_SEVERITY: f32 = 0.3;

/// Changes the levels of an image, `[channels, height, width]`, by one random transform.
pub(super) fn trivial(random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let operations = Operation::all(shape);
    if let Some(operation) = operations.choose(random) {
        operation.apply(random.random(), random, shape, levels);
    }
}

/// Replaces the levels of an image, `[channels, height, width]`, by a mixture of chains of transforms
/// and the image itself.
pub(super) fn augmix(random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
    let operations = Operation::of_augmix();
    // Dirichlet(1, 1, 1): exponential numbers, divided by their sum.
    let weights: [f32; CHAINS] = std::array::from_fn(|_| Exp1.sample(random));
    let sum: f32 = weights.iter().sum();
    let mut mixture = vec![0.0; levels.len()];
    for weight in weights {
        let mut chain = levels.to_vec();
        for _ in 0..random.random_range(1..=LONGEST_CHAIN) {
            if let Some(operation) = operations.choose(random) {
                let strength = AUGMIX_SEVERITY * random.random::<f32>();
                operation.apply(strength, random, shape, &mut chain);
            }
        }
        for (mixed, level) in mixture.iter_mut().zip(chain) {
            *mixed += weight / sum * level;
        }
    }
    // Beta(1, 1).
    let weight: f32 = Beta::new(1.0, 1.0).map_or(0.5, |beta| beta.sample(random));
    for (level, mixed) in levels.iter_mut().zip(mixture) {
        *level += weight * (mixed - *level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn policies_keep_levels_in_range_and_change_most_images() {
        for channels in [1, 3] {
            let shape = ImageShape { channels, height: 16, width: 12 };
            let original: Vec<f32> =
                (0..shape.pixels()).map(|at| (at * 53 % 101) as f32 / 100.0).collect();
            for policy in [trivial, augmix] {
                let mut changed = 0;
                for seed in 0..200 {
                    let mut levels = original.clone();
                    policy(&mut stream(Purpose::Policy, seed, &[]), shape, &mut levels);
                    assert!(levels.iter().all(|level| (-1e-5..=1.00001).contains(level)));
                    changed += usize::from(levels != original);
                }
                assert!(changed > 150, "{changed} of 200");
            }
        }
    }
}
