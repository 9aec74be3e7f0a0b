//! Mixing of two images and their targets.

use std::ops::Range;

use rand::RngExt;
use rand_distr::{Beta, Distribution};
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::AugmentConfig;
use crate::error::DataError;
use crate::ranges::check_range;
use crate::shape::ImageShape;

/// How often images are mixed, and how evenly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MixingConfig {
    /// Probability that an image is mixed with another one, 0 to 1.
    pub probability: f32,
    /// Both parameters of the beta distribution of the image's share, 0.01 to 100: at 1, all shares are
    /// equally probable; below 1, one image prevails.
    pub alpha: f32,
}

/// Validated [`AugmentConfig::mixup`] and [`AugmentConfig::cutmix`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixing {
    mixup: Option<MixingConfig>,
    cutmix: Option<MixingConfig>,
}

impl Mixing {
    /// `None` if the config has neither.
    pub(super) fn new(config: &AugmentConfig) -> Result<Option<Self>, DataError> {
        let AugmentConfig { mixup, cutmix, .. } = *config;
        let probability = |mixing: Option<MixingConfig>| mixing.map_or(0.0, |it| it.probability);
        for (mixing, names) in [
            (mixup, ["augment.mixup.probability", "augment.mixup.alpha"]),
            (cutmix, ["augment.cutmix.probability", "augment.cutmix.alpha"]),
        ] {
            let Some(mixing) = mixing else { continue };
            check_range(names[0], mixing.probability, [0.0, 1.0], "")?;
            check_range(names[1], mixing.alpha, [0.01, 100.0], "")?;
        }
        let either = " together with augment.mixup.probability, because an image is mixed once";
        let together = probability(mixup) + probability(cutmix);
        check_range("augment.cutmix.probability", together, [0.0, 1.0], either)?;
        Ok(mixup.or(cutmix).map(|_| Self { mixup, cutmix }))
    }

    /// How one image is mixed; `None` if it is not.
    pub(super) fn draw(self, random: &mut Pcg32, shape: ImageShape) -> Option<Mix> {
        let number: f32 = random.random();
        let mixup = self.mixup.map_or(0.0, |mixup| mixup.probability);
        if let Some(config) = self.mixup.filter(|_| number < mixup) {
            return Some(Mix::Mixup { share: share(random, config.alpha) });
        }
        let config = self.cutmix.filter(|cutmix| number < mixup + cutmix.probability)?;
        // Algorithm 1 of the paper: sides are √(1 − share) of the image's, clipped at its border.
        let side = (1.0 - share(random, config.alpha)).sqrt();
        let interval = |random: &mut Pcg32, length: usize| {
            let (centre, half) = (random.random_range(0..length), side * length as f32 / 2.0);
            let start = (centre as f32 - half).round().max(0.0) as usize;
            start..((centre as f32 + half).round() as usize).min(length).max(start)
        };
        let (rows, columns) = (interval(random, shape.height), interval(random, shape.width));
        Some(Mix::CutMix { rows, columns })
    }
}

/// A share of the image.
fn share(random: &mut Pcg32, alpha: f32) -> f32 {
    // The range of alpha is checked; one half would be its mean.
    Beta::new(alpha, alpha).map_or(0.5, |beta| beta.sample(random))
}

/// How an image is mixed with another one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mix {
    /// Weighted mean (Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk
    /// minimization", 2018).
    Mixup { share: f32 },
    /// A rectangle of the other image (Yun, Han, Oh, Chun, Choe and Yoo, "`CutMix`: regularization
    /// strategy to train strong classifiers with localizable features", 2019).
    CutMix { rows: Range<usize>, columns: Range<usize> },
}

impl Mix {
    /// Mixes `other` into `image`, both `[channels, height, width]`; returns the share of the image that
    /// remains.
    pub(crate) fn apply(&self, shape: ImageShape, image: &mut [f32], other: &[f32]) -> f32 {
        match self {
            &Self::Mixup { share } => {
                for (value, other) in image.iter_mut().zip(other) {
                    *value = share * *value + (1.0 - share) * other;
                }
                share
            }
            Self::CutMix { rows, columns } => {
                let lines =
                    image.chunks_exact_mut(shape.width).zip(other.chunks_exact(shape.width));
                for (at, (line, other)) in lines.enumerate() {
                    if rows.contains(&(at % shape.height)) {
                        line[columns.clone()].copy_from_slice(&other[columns.clone()]);
                    }
                }
                1.0 - (rows.len() * columns.len()) as f32 / shape.plane() as f32
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 10, width: 8 };

    fn mixing(config: &str) -> Result<Option<Mixing>, DataError> {
        Mixing::new(&toml::from_str(config).unwrap())
    }

    /// For each of 1,000 images: how it is mixed, and the share that remains of it.
    fn mixed(config: &str) -> Vec<(Mix, f32)> {
        let mixing = mixing(config).unwrap().unwrap();
        let draw = |seed| mixing.draw(&mut stream(Purpose::Mixing, seed, &[]), SHAPE);
        let mixes = (0..1000).filter_map(draw);
        mixes
            .map(|mix| {
                let mut image = vec![1.0; SHAPE.pixels()];
                let share = mix.apply(SHAPE, &mut image, &vec![0.0; SHAPE.pixels()]);
                let kept = image.iter().sum::<f32>() / SHAPE.pixels() as f32;
                assert!((kept - share).abs() < 1e-5, "{mix:?}: {share}, but {kept} is left");
                (mix, share)
            })
            .collect()
    }

    #[test]
    fn as_many_images_are_mixed_as_asked_for_in_either_way() {
        let both = mixed(
            "mixup = { probability = 0.2, alpha = 1.0 }\ncutmix = { probability = 0.3, alpha = 1.0 }",
        );
        let of_mixup = both.iter().filter(|(mix, _)| matches!(mix, Mix::Mixup { .. })).count();
        assert!((160..240).contains(&of_mixup), "{of_mixup}");
        assert!((250..350).contains(&(both.len() - of_mixup)), "{}", both.len());
    }

    #[test]
    fn shares_follow_the_beta_distribution() {
        let variance = |alpha: f32| {
            let mixed = mixed(&format!("mixup = {{ probability = 1.0, alpha = {alpha:?} }}"));
            mixed.iter().map(|(_, share)| (share - 0.5).powi(2)).sum::<f32>() / mixed.len() as f32
        };
        // The variance of Beta(α, α) is 1 / (4 (2α + 1)).
        for alpha in [0.2, 1.0, 8.0] {
            let expected = 0.25 / (2.0 * alpha + 1.0);
            assert!((variance(alpha) - expected).abs() < 0.1 * expected, "{alpha}");
        }
    }

    #[test]
    fn a_rectangle_of_the_other_image_is_pasted_into_all_channels() {
        let mix = Mix::CutMix { rows: 1..3, columns: 2..8 };
        let mut image = vec![1.0; SHAPE.pixels()];
        assert_eq!(mix.apply(SHAPE, &mut image, &vec![0.0; SHAPE.pixels()]), 1.0 - 12.0 / 80.0);
        for (at, value) in image.iter().enumerate() {
            let is_pasted = (1..3).contains(&(at / 8 % 10)) && at % 8 >= 2;
            assert_eq!(*value, f32::from(u8::from(!is_pasted)), "{at}");
        }
    }

    #[test]
    fn settings_outside_their_range_are_refused_by_name() {
        for (config, key) in [
            ("mixup = { probability = 1.1, alpha = 1.0 }", "augment.mixup.probability"),
            ("cutmix = { probability = 1.0, alpha = 0.0 }", "augment.cutmix.alpha"),
            (
                "mixup = { probability = 0.6, alpha = 1.0 }\n\
                 cutmix = { probability = 0.6, alpha = 1.0 }",
                "augment.cutmix.probability",
            ),
        ] {
            assert!(mixing(config).unwrap_err().to_string().contains(key));
        }
        assert!(mixing("").unwrap().is_none());
    }
}
