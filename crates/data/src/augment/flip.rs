//! Mirroring.

use rand::RngExt;
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::ranges::check_range;
use crate::shape::ImageShape;

/// How often images are mirrored. Absent keys are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlipConfig {
    /// Probability that left and right are exchanged, 0 to 1.
    pub horizontal: f32,
    /// Probability that top and bottom are exchanged, 0 to 1.
    pub vertical: f32,
}

impl FlipConfig {
    pub(super) fn check(self) -> Result<Self, DataError> {
        check_range("augment.flip.horizontal", self.horizontal, [0.0, 1.0], "")?;
        check_range("augment.flip.vertical", self.vertical, [0.0, 1.0], "")?;
        Ok(self)
    }

    /// Mirrors one image, `[channels, height, width]`, or leaves it.
    pub(super) fn draw(self, random: &mut Pcg32, shape: ImageShape, image: &mut [f32]) {
        if random.random::<f32>() < self.horizontal {
            image.chunks_exact_mut(shape.width).for_each(<[f32]>::reverse);
        }
        if random.random::<f32>() < self.vertical {
            for plane in image.chunks_exact_mut(shape.plane()) {
                for row in 0..shape.height / 2 {
                    let (upper, lower) = plane.split_at_mut((shape.height - 1 - row) * shape.width);
                    upper[row * shape.width..][..shape.width]
                        .swap_with_slice(&mut lower[..shape.width]);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn flipped(config: FlipConfig) -> Vec<f32> {
        let shape = ImageShape { channels: 2, height: 3, width: 2 };
        let mut image: Vec<f32> = (0..12).map(|at| at as f32).collect();
        config.draw(&mut stream(Purpose::Photometric, 1, &[]), shape, &mut image);
        image
    }

    #[test]
    fn each_direction_mirrors_every_channel() {
        let horizontal = flipped(FlipConfig { horizontal: 1.0, vertical: 0.0 });
        assert_eq!(horizontal, [1., 0., 3., 2., 5., 4., 7., 6., 9., 8., 11., 10.]);
        let vertical = flipped(FlipConfig { horizontal: 0.0, vertical: 1.0 });
        assert_eq!(vertical, [4., 5., 2., 3., 0., 1., 10., 11., 8., 9., 6., 7.]);
        assert_eq!(flipped(FlipConfig::default())[..3], [0., 1., 2.]);
    }
}
