//! A transform's probability and the range of its strength.

use rand::RngExt;
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::random::uniform;
use crate::ranges::{check_interval, check_range};

/// How often an image is changed in one way, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomRange {
    /// Probability that an image is changed, 0 to 1.
    pub probability: f32,
    /// Smallest and largest strength, each as probable; the key says what it measures.
    pub range: [f32; 2],
}

impl RandomRange {
    /// Refuses a probability outside 0 to 1, and a range outside of `limits`.
    pub(super) fn check(&self, key: &'static str, limits: [f32; 2]) -> Result<(), DataError> {
        check_range(key, self.probability, [0.0, 1.0], " for probability")?;
        check_interval(key, self.range, limits)
    }

    /// The strength for one image; `None` if it stays as it is.
    pub(super) fn draw(&self, random: &mut Pcg32) -> Option<f32> {
        (random.random::<f32>() < self.probability).then(|| uniform(random, self.range))
    }
}
