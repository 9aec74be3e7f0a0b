//! The transforms that policies choose from.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::augment::affine::Transform;
use crate::augment::photometric::Photometric;
use crate::augment::resample::resample;
use crate::filters::{Kernel, convolve, map_levels};
use crate::shape::ImageShape;

/// A transform, with a range of strengths that suits small images: no rotation or shear that makes
/// another character of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Identity,
    Rotate,
    ShearHorizontally,
    ShearVertically,
    TranslateHorizontally,
    TranslateVertically,
    Brightness,
    Contrast,
    Saturation,
    Sharpness,
    Posterize,
    Solarize,
    AutoContrast,
    Equalize,
}

/// Largest rotation, in radians, shear, as a tangent, and translation, as a share of the side.
const MOST_ROTATION: f32 = 30.0 * std::f32::consts::PI / 180.0;
const MOST_SHEAR: f32 = 0.5;
const MOST_TRANSLATION: f32 = 0.25;
/// Largest change of brightness, and of the factors of contrast, saturation and sharpness: the paper's
/// 0.99 leaves nothing to see on an image of light strokes.
const MOST_CHANGE: f32 = 0.9;
/// Levels of a posterized image: 8 bits down to 2, the paper's range.
const MOST_BITS: f32 = 8.0;
const FEWEST_BITS: f32 = 2.0;

impl Operation {
    /// All transforms for images of `shape`: without colours, there is no saturation.
    pub fn all(shape: ImageShape) -> Vec<Self> {
        let photometric = [Self::Identity, Self::Brightness, Self::Contrast, Self::Sharpness];
        let saturation = (shape.channels == 3).then_some(Self::Saturation);
        photometric.into_iter().chain(saturation).chain(Self::of_augmix()).collect()
    }

    /// The transforms of `AugMix`: the paper leaves out those that corruptions are made of.
    pub fn of_augmix() -> [Self; 9] {
        [
            Self::Rotate,
            Self::ShearHorizontally,
            Self::ShearVertically,
            Self::TranslateHorizontally,
            Self::TranslateVertically,
            Self::Posterize,
            Self::Solarize,
            Self::AutoContrast,
            Self::Equalize,
        ]
    }

    /// Changes the levels of one image, `[channels, height, width]`, at a strength of 0 to 1, in a random
    /// direction; they stay within 0 to 1.
    pub fn apply(self, strength: f32, random: &mut Pcg32, shape: ImageShape, levels: &mut [f32]) {
        let signed = if random.random() { strength } else { -strength };
        let mut move_pixels = |transform| resample(shape, &transform, None, levels);
        let (height, width) = (shape.height as f32, shape.width as f32);
        match self {
            Self::Identity => {}
            Self::Rotate => {
                let angle = signed * MOST_ROTATION;
                move_pixels(Transform::new(shape, angle, 0.0, 1.0, [0.0; 2]));
            }
            Self::ShearHorizontally => {
                move_pixels(Transform::new(shape, 0.0, signed * MOST_SHEAR, 1.0, [0.0; 2]));
            }
            Self::ShearVertically => {
                let slope = signed * MOST_SHEAR;
                let origin = [0.0, -slope * (width - 1.0) / 2.0];
                move_pixels(Transform { origin, along: [1.0, slope], down: [0.0, 1.0] });
            }
            Self::TranslateHorizontally => {
                let origin = [signed * MOST_TRANSLATION * width, 0.0];
                move_pixels(Transform { origin, ..Transform::default() });
            }
            Self::TranslateVertically => {
                let origin = [0.0, signed * MOST_TRANSLATION * height];
                move_pixels(Transform { origin, ..Transform::default() });
            }
            Self::Brightness => {
                map_levels(levels, |level| level * (1.0 + MOST_CHANGE * signed));
            }
            Self::Contrast | Self::Saturation => {
                let kind = if self == Self::Contrast {
                    Photometric::Contrast
                } else {
                    Photometric::Saturation
                };
                kind.apply(1.0 + MOST_CHANGE * signed, random, shape, levels);
            }
            Self::Sharpness => sharpen(1.0 + MOST_CHANGE * signed, shape, levels),
            Self::Posterize => {
                let bits = (MOST_BITS - strength * (MOST_BITS - FEWEST_BITS)).round();
                let steps = bits.exp2() - 1.0;
                map_levels(levels, |level| (level * steps).round() / steps);
            }
            Self::Solarize => {
                let threshold = 1.0 - strength;
                for level in levels.iter_mut().filter(|level| **level > threshold) {
                    *level = 1.0 - *level;
                }
            }
            Self::AutoContrast => levels.chunks_exact_mut(shape.plane()).for_each(stretch),
            Self::Equalize => levels.chunks_exact_mut(shape.plane()).for_each(equalize),
        }
        map_levels(levels, |level| level.clamp(0.0, 1.0));
    }
}

/// Multiplies the difference from a smoothed image by `factor`, as Pillow's `ImageEnhance.Sharpness`.
fn sharpen(factor: f32, shape: ImageShape, levels: &mut [f32]) {
    let mut smooth = levels.to_vec();
    let weights =
        [1.0, 1.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0, 1.0].map(|weight| weight / 13.0).to_vec();
    convolve(shape, &mut smooth, &Kernel { height: 3, width: 3, weights });
    for (level, smooth) in levels.iter_mut().zip(smooth) {
        *level = smooth + factor * (*level - smooth);
    }
}

/// Stretches the levels of a channel from 0 to 1; an even one stays.
fn stretch(plane: &mut [f32]) {
    let low = plane.iter().copied().fold(f32::INFINITY, f32::min);
    let high = plane.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if high > low {
        map_levels(plane, |level| (level - low) / (high - low));
    }
}

/// Replaces every level of a channel by the share of pixels below it, scaled from 0 to 1, in 256 steps.
fn equalize(plane: &mut [f32]) {
    let step = |level: f32| (level.clamp(0.0, 1.0) * 255.0).round() as usize;
    let mut below = [0_usize; 257];
    for &level in plane.iter() {
        below[step(level) + 1] += 1;
    }
    for at in 1..below.len() {
        below[at] += below[at - 1];
    }
    let most = below[plane.iter().map(|&level| step(level)).max().unwrap_or_default()];
    if most > 0 {
        map_levels(plane, |level| below[step(level)] as f32 / most as f32);
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 9, width: 9 };

    fn applied(operation: Operation, strength: f32, levels: &[f32]) -> Vec<f32> {
        let mut levels = levels.to_vec();
        operation.apply(strength, &mut stream(Purpose::Policy, 1, &[]), SHAPE, &mut levels);
        levels
    }

    #[test]
    fn each_transform_but_the_identity_changes_an_image_and_none_does_at_no_strength() {
        let image: Vec<f32> = (0..81).map(|at| 0.1 + (at * 47 % 81) as f32 / 120.0).collect();
        for operation in Operation::all(SHAPE) {
            let is_changed = applied(operation, 0.7, &image) != image;
            assert_eq!(is_changed, operation != Operation::Identity, "{operation:?}");
            let has_strength = !matches!(operation, Operation::AutoContrast | Operation::Equalize);
            let difference = applied(operation, 0.0, &image)
                .iter()
                .zip(&image)
                .map(|(one, other)| (one - other).abs())
                .fold(0.0, f32::max);
            // 8 bits are not all of them.
            assert!(!has_strength || difference < 0.003, "{operation:?}: {difference}");
        }
    }

    #[test]
    fn vertical_shear_turns_about_the_centre() {
        let mut dot = vec![0.0; 81];
        dot[40] = 1.0;
        assert_eq!(applied(Operation::ShearVertically, 1.0, &dot), dot);
    }

    #[test]
    fn equalizing_gives_every_level_its_rank() {
        let mut plane = [0.1, 0.1, 0.2, 0.9];
        equalize(&mut plane);
        assert_eq!(plane, [0.0, 0.0, 2.0 / 3.0, 1.0]);
        let mut even = [0.5; 3];
        equalize(&mut even);
        assert_eq!(even, [0.5; 3]);
        let mut levels = [0.2, 0.3, 0.4];
        stretch(&mut levels);
        assert!((levels[1] - 0.5).abs() < 1e-6 && levels[2] == 1.0);
    }

    #[test]
    fn solarizing_inverts_what_is_above_the_threshold() {
        let image: Vec<f32> = (0..81).map(|at| at as f32 / 80.0).collect();
        let solarized = applied(Operation::Solarize, 0.25, &image);
        assert_eq!(solarized[60], 0.75);
        assert!((solarized[80]).abs() < 1e-6);
    }
}
