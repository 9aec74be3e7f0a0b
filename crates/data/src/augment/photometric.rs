//! Random changes of levels: light, background, ink, sharpness, noise.

mod light;
mod noise;
mod occlusion;
mod outline;
mod part;
mod random_convolution;

use rand::RngExt;
use rand_pcg::Pcg32;

use super::config::AugmentConfig;
use super::random_range::RandomRange;
use crate::error::DataError;
use crate::filters::{
    Kernel, convolve, dilate, erode, jpeg_artefacts, lower_resolution, map_levels,
};
use crate::ranges::check_range;
use crate::shape::ImageShape;

/// A way to change levels by a strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Photometric {
    Thickness,
    Outline,
    Strokes,
    Blobs,
    RandomConvolution,
    Background,
    Gradient,
    Contrast,
    Brightness,
    Gamma,
    Invert,
    Saturation,
    Hue,
    DiscBlur,
    GaussianBlur,
    MotionBlur,
    Resampling,
    GaussianNoise,
    SpeckleNoise,
    SensorNoise,
    ImpulseNoise,
    Jpeg,
}

/// A change of levels, its key in the config, what the config asks for, and the strengths that make
/// sense.
type Row = (Photometric, &'static str, Option<RandomRange>, [f32; 2]);

/// All changes, in the order in which pictures come about: ink, paper, light, optics, sensor, file.
fn rows(config: &AugmentConfig) -> [Row; 22] {
    use Photometric as P;
    let invert = config.invert.map(|probability| RandomRange { probability, range: [1.0, 1.0] });
    [
        (P::Thickness, "augment.thickness", config.thickness, [-5.0, 5.0]),
        (P::Outline, "augment.outline", config.outline, [0.0, 1.0]),
        (P::Strokes, "augment.strokes", config.strokes, [0.0, 10.0]),
        (P::Blobs, "augment.blobs", config.blobs, [0.0, 1.0]),
        (P::RandomConvolution, "augment.random_convolution", config.random_convolution, [0.0, 1.0]),
        (P::Background, "augment.background", config.background, [0.0, 1.0]),
        (P::Gradient, "augment.gradient", config.gradient, [0.0, 2.0]),
        (P::Contrast, "augment.contrast", config.contrast, [0.0, 5.0]),
        (P::Brightness, "augment.brightness", config.brightness, [-1.0, 1.0]),
        (P::Gamma, "augment.gamma", config.gamma, [0.1, 10.0]),
        (P::Invert, "augment.invert", invert, [1.0, 1.0]),
        (P::Saturation, "augment.saturation", config.saturation, [0.0, 5.0]),
        (P::Hue, "augment.hue", config.hue, [-0.5, 0.5]),
        (P::DiscBlur, "augment.disc_blur", config.disc_blur, [0.0, 20.0]),
        (P::GaussianBlur, "augment.gaussian_blur", config.gaussian_blur, [0.0, 20.0]),
        (P::MotionBlur, "augment.motion_blur", config.motion_blur, [1.0, 40.0]),
        (P::Resampling, "augment.resampling", config.resampling, [0.05, 1.0]),
        (P::GaussianNoise, "augment.gaussian_noise", config.gaussian_noise, [0.0, 2.0]),
        (P::SpeckleNoise, "augment.speckle_noise", config.speckle_noise, [0.0, 2.0]),
        (P::SensorNoise, "augment.sensor_noise", config.sensor_noise, [0.0, 2.0]),
        (P::ImpulseNoise, "augment.impulse_noise", config.impulse_noise, [0.0, 1.0]),
        (P::Jpeg, "augment.jpeg", config.jpeg, [1.0, 100.0]),
    ]
}

impl Photometric {
    /// Changes one image, `[channels, height, width]`; levels may leave 0 to 1.
    pub fn apply(self, strength: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
        match self {
            Self::Thickness if strength < 0.0 => erode(shape, levels, -strength),
            Self::Thickness => dilate(shape, levels, strength),
            Self::Outline => outline::outline(strength, shape, levels),
            Self::Strokes => occlusion::strokes(strength, random, shape, levels),
            Self::Blobs => occlusion::blobs(strength, random, shape, levels),
            Self::RandomConvolution => {
                random_convolution::random_convolution(strength, random, shape, levels);
            }
            Self::Background => light::background(strength, random, shape, levels),
            Self::Gradient => light::gradient(strength, random, shape, levels),
            Self::Contrast => light::contrast(strength, levels),
            Self::Brightness => map_levels(levels, |level| level + strength),
            Self::Gamma => {
                map_levels(levels, |level| level.max(0.0).powf(strength));
            }
            Self::Invert => map_levels(levels, |level| 1.0 - level),
            Self::Saturation => light::saturate(strength, levels),
            Self::Hue => light::turn_hue(strength, levels),
            Self::DiscBlur => convolve(shape, levels, &Kernel::disc(strength)),
            Self::GaussianBlur => {
                let row = Kernel::gaussian_row(strength);
                convolve(shape, levels, &row);
                convolve(shape, levels, &row.transposed());
            }
            Self::MotionBlur => {
                let angle = random.random::<f32>() * std::f32::consts::PI;
                convolve(shape, levels, &Kernel::line(strength, angle));
            }
            Self::Resampling => lower_resolution(shape, levels, strength),
            Self::GaussianNoise => noise::gaussian(strength, random, levels),
            Self::SpeckleNoise => noise::speckle(strength, random, levels),
            Self::SensorNoise => noise::sensor(strength, random, levels),
            Self::ImpulseNoise => noise::impulse(strength, random, shape, levels),
            Self::Jpeg => jpeg_artefacts(shape, levels, strength),
        }
    }
}

/// All changes of levels that a config asks for, in order.
#[derive(Clone, Debug)]
pub(super) struct PhotometricSteps {
    steps: Vec<(Photometric, RandomRange)>,
    /// Probability that a part of the image alone is changed.
    partial: f32,
}

impl PhotometricSteps {
    /// `None` if the config has none. Strengths outside their limits are refused, as are changes of
    /// colours for images without.
    pub fn new(config: &AugmentConfig, shape: ImageShape) -> Result<Option<Self>, DataError> {
        let mut steps = Vec::new();
        for (kind, key, range, limits) in rows(config) {
            let Some(range) = range else { continue };
            range.check(key, limits)?;
            if matches!(kind, Photometric::Saturation | Photometric::Hue) && shape.channels != 3 {
                let value = format!("{} channel", shape.channels);
                let expected = "images of 3 channels, red, green and blue".to_owned();
                return Err(DataError::Setting { key, value, expected });
            }
            steps.push((kind, range));
        }
        let partial = config.partial.unwrap_or(0.0);
        check_range("augment.partial", partial, [0.0, 1.0], "")?;
        Ok((!steps.is_empty()).then_some(Self { steps, partial }))
    }

    /// Changes the levels of one image, `[channels, height, width]`, 0 to 1; they stay within.
    pub fn apply(&self, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
        let original = (random.random::<f32>() < self.partial).then(|| levels.to_vec());
        for (kind, range) in &self.steps {
            if let Some(strength) = range.draw(random) {
                kind.apply(strength, random, shape, levels);
                map_levels(levels, |level| level.clamp(0.0, 1.0));
            }
        }
        if let Some(original) = original {
            part::restore_stripes(random, shape, levels, &original);
        }
    }
}
