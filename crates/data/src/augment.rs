//! Random augmentation of training images, a pure function of (seed, epoch, index).
//!
//! All geometric transforms are composed into one bilinear resampling about the image's centre,
//! which blurs less than one resampling after another; the border is replicated. Changes of levels
//! follow, and erasing comes last.

mod affine;
mod config;
mod elastic;
mod erase;
mod flip;
mod mixing;
mod photometric;
mod policy;
mod random_range;
mod resample;
mod view;

use rand_pcg::Pcg32;

use self::affine::Affine;
use self::erase::Erase;
use self::mixing::Mixing;
use self::photometric::PhotometricSteps;
use crate::error::DataError;
use crate::normalization::Normalizer;
use crate::random::{Purpose, stream};
use crate::shape::ImageShape;

pub(crate) use self::affine::Transform;
pub use self::config::AugmentConfig;
pub(crate) use self::elastic::Elastic;
pub use self::elastic::ElasticConfig;
pub use self::erase::EraseConfig;
pub use self::flip::FlipConfig;
pub(crate) use self::mixing::Mix;
pub use self::mixing::MixingConfig;
pub use self::policy::Policy;
pub use self::random_range::RandomRange;
pub(crate) use self::resample::resample;
pub use self::view::rotate_and_scale;

impl AugmentConfig {
    /// Checks all ranges and prepares the augmentation of images of `shape`.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptyShape`] if a side is zero, [`DataError::Setting`], which names the key,
    /// for a value outside its range.
    pub fn build(&self, shape: ImageShape) -> Result<Augmentation, DataError> {
        if shape.pixels() == 0 {
            return Err(DataError::EmptyShape { shape });
        }
        Ok(Augmentation {
            shape,
            policy: self.policy,
            flip: self.flip.map(FlipConfig::check).transpose()?,
            affine: Affine::new(self)?,
            elastic: self.elastic.map(|config| Elastic::new(config, shape)).transpose()?,
            photometric: PhotometricSteps::new(self, shape)?,
            erase: self.erase.map(Erase::new).transpose()?,
            mixing: Mixing::new(self)?,
        })
    }
}

/// A validated [`AugmentConfig`], ready for images of one shape.
#[derive(Clone, Debug)]
pub struct Augmentation {
    shape: ImageShape,
    policy: Option<Policy>,
    flip: Option<FlipConfig>,
    affine: Option<Affine>,
    elastic: Option<Elastic>,
    photometric: Option<PhotometricSteps>,
    erase: Option<Erase>,
    mixing: Option<Mixing>,
}

/// All that the augmentation of an image depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleKey {
    /// The run's seed.
    pub seed: u64,
    /// The epoch: an image is augmented differently in each.
    pub epoch: u64,
    /// The image's index in its set.
    pub index: u64,
}

impl Augmentation {
    /// The shape of the images that it augments.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Normalizes and augments one image into `out`, both `[channels, height, width]`.
    ///
    /// # Panics
    ///
    /// If `normalizer` is for another shape, or if `pixels` or `out` has another length than the
    /// shape.
    pub fn apply(&self, normalizer: &Normalizer, pixels: &[u8], key: SampleKey, out: &mut [f32]) {
        assert_eq!(normalizer.shape(), self.shape, "shapes of normalizer and augmentation");
        let mut random = stream(Purpose::Augment, key.seed, &[key.epoch, key.index]);
        let mut photometric = stream(Purpose::Photometric, key.seed, &[key.epoch, key.index]);
        normalizer.apply(pixels, out);
        if let Some(flip) = self.flip {
            flip.draw(&mut photometric, self.shape, out);
        }
        let transform = self.affine.map(|affine| affine.draw(&mut random, self.shape));
        let field = self.elastic.as_ref().map(|elastic| elastic.draw(&mut random, self.shape));
        if transform.is_some() || field.is_some() {
            resample(self.shape, &transform.unwrap_or_default(), field.as_ref(), out);
        }
        let is_trivial = self.policy == Some(Policy::Trivial);
        if self.photometric.is_some() || is_trivial {
            normalizer.denormalize(out);
            if is_trivial {
                policy::trivial(&mut policy_stream(key, 0), self.shape, out);
            }
            if let Some(steps) = &self.photometric {
                steps.apply(&mut photometric, self.shape, out);
            }
            normalizer.normalize(out);
        }
        if let Some(erase) = self.erase {
            erase.draw(&mut random, self.shape, out);
        }
    }

    /// Number of further views that each labelled image has in a batch, on which the network's answers
    /// must agree with that on the image: 2 with `AugMix`, else 0.
    #[must_use]
    pub fn views(&self) -> usize {
        self.policy.map_or(0, Policy::views)
    }

    /// Makes a further view, from 1, of an augmented image: replaces `out`, normalized.
    pub(crate) fn make_view(
        &self,
        normalizer: &Normalizer,
        key: SampleKey,
        view: usize,
        out: &mut [f32],
    ) {
        normalizer.denormalize(out);
        policy::augmix(&mut policy_stream(key, view as u64), self.shape, out);
        normalizer.normalize(out);
    }

    /// Whether images are mixed with others.
    #[must_use]
    pub fn is_mixing(&self) -> bool {
        self.mixing.is_some()
    }

    /// How one image is mixed with another; `None` if it is not.
    pub(crate) fn draw_mix(&self, random: &mut Pcg32) -> Option<Mix> {
        self.mixing?.draw(random, self.shape)
    }
}

/// The random numbers of a policy for one image, or one view of it.
fn policy_stream(key: SampleKey, view: u64) -> Pcg32 {
    stream(Purpose::Policy, key.seed, &[key.epoch, key.index, view])
}

#[cfg(test)]
mod tests;
