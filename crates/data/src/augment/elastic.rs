//! Elastic distortion (Simard, Steinkraus and Platt, "Best practices for convolutional neural
//! networks applied to visual document analysis", 2003, section 2).

use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::random::uniform;
use crate::ranges::check_range;
use crate::shape::ImageShape;

/// The size and the smoothness of elastic distortion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElasticConfig {
    /// Root mean square of the displacement along each axis, in pixels; 0 to the longer side.
    pub displacement: f32,
    /// Standard deviation of the Gaussian that smooths the displacements, in pixels; 0.5 to the
    /// longer side. Simard uses 4 for digits.
    pub smoothness: f32,
}

/// A validated [`ElasticConfig`]: a Gaussian kernel, and the amplitude of the noise that it
/// smooths.
#[derive(Clone, Debug)]
pub(crate) struct Elastic {
    kernel: Vec<f32>, // [2 * radius + 1], sums to 1
    amplitude: f32,
}

/// The displacement of each pixel's source, in pixels; both are [height, width].
pub(crate) struct Field {
    pub(super) x: Vec<f32>,
    pub(super) y: Vec<f32>,
}

impl Elastic {
    pub(crate) fn new(config: ElasticConfig, shape: ImageShape) -> Result<Self, DataError> {
        let side = shape.height.max(shape.width) as f32;
        check_range("augment.elastic.displacement", config.displacement, [0.0, side], " pixels")?;
        check_range(
            "augment.elastic.smoothness",
            config.smoothness,
            [0.5, side.max(0.5)],
            " pixels",
        )?;
        // A Gaussian has 0.3 % of its mass beyond three standard deviations.
        let radius = (3.0 * config.smoothness).ceil() as i32;
        let bell = |offset: i32| (-0.5 * (offset as f32 / config.smoothness).powi(2)).exp();
        let total: f32 = (-radius..=radius).map(bell).sum();
        let kernel: Vec<f32> = (-radius..=radius).map(|offset| bell(offset) / total).collect();
        // Uniform noise in ±a has the variance a²/3; smoothing along each axis multiplies it by
        // Σk².
        let kept: f32 = kernel.iter().map(|weight| weight * weight).sum();
        Ok(Self { kernel, amplitude: config.displacement * 3.0_f32.sqrt() / kept })
    }

    pub(crate) fn draw(&self, random: &mut Pcg32, shape: ImageShape) -> Field {
        Field { x: self.smooth_noise(random, shape), y: self.smooth_noise(random, shape) }
    }

    /// Smoothed noise, [height, width]. The noise extends one kernel radius beyond the image, so
    /// that its edges are displaced as much as its middle.
    fn smooth_noise(
        &self,
        random: &mut Pcg32,
        ImageShape { height, width, .. }: ImageShape,
    ) -> Vec<f32> {
        let margin = self.kernel.len() - 1;
        let mut smooth = vec![0.0; height * width];
        let mut noise = vec![0.0; width + margin];
        let mut row = vec![0.0; width];
        for noise_row in 0..height + margin {
            noise.fill_with(|| uniform(random, [-self.amplitude, self.amplitude]));
            row.fill(0.0);
            for (weight, shifted) in self.kernel.iter().zip(noise.windows(width)) {
                add_scaled(&mut row, *weight, shifted);
            }
            // The row contributes to every image row within the kernel's radius.
            let first = noise_row.saturating_sub(margin);
            let last = noise_row.min(height - 1);
            for image_row in first..=last {
                add_scaled(
                    &mut smooth[image_row * width..][..width],
                    self.kernel[noise_row - image_row],
                    &row,
                );
            }
        }
        smooth
    }
}

fn add_scaled(sum: &mut [f32], weight: f32, values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

    #[test]
    fn displacement_is_the_root_mean_square_everywhere() {
        let elastic =
            Elastic::new(ElasticConfig { displacement: 1.5, smoothness: 2.0 }, SHAPE).unwrap();
        let mut random = stream(Purpose::Augment, 3, &[]);
        let (mut everywhere, mut corner) = (0.0, 0.0);
        let draws = 2000;
        for _ in 0..draws {
            let field = elastic.draw(&mut random, SHAPE);
            everywhere += field.x.iter().map(|d| d * d).sum::<f32>() / 784.0 / draws as f32;
            corner += field.y[0].powi(2) / draws as f32;
        }
        assert!((everywhere.sqrt() - 1.5).abs() < 0.03, "rms {}", everywhere.sqrt());
        assert!((corner.sqrt() - 1.5).abs() < 0.12, "rms in the corner {}", corner.sqrt());
    }

    #[test]
    fn neighbours_move_together() {
        let elastic =
            Elastic::new(ElasticConfig { displacement: 1.0, smoothness: 4.0 }, SHAPE).unwrap();
        let field = elastic.draw(&mut stream(Purpose::Augment, 3, &[]), SHAPE);
        for row in field.x.chunks_exact(28) {
            assert!(row.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 1.0));
        }
    }
}
