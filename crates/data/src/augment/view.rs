//! Views of an image for test-time augmentation.

use super::affine::Transform;
use super::resample::resample;
use crate::shape::ImageShape;

/// Rotates a normalized image, `[channels, height, width]`, by `angle` (radians, clockwise) about its
/// centre and scales it by `scale` (above 0), as augmentation does.
///
/// # Panics
///
/// If `image` has another length than `shape.pixels()`.
pub fn rotate_and_scale(shape: ImageShape, angle: f32, scale: f32, image: &mut [f32]) {
    assert_eq!(image.len(), shape.pixels(), "pixels of one {shape} image");
    resample(shape, &Transform::new(shape, angle, 0.0, scale, [0.0; 2]), None, image);
}

#[cfg(test)]
mod tests {
    use std::f32::consts::FRAC_PI_2;

    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 3, width: 3 };

    #[test]
    fn a_quarter_turn_moves_the_top_to_the_right() {
        let mut image = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        rotate_and_scale(SHAPE, FRAC_PI_2, 1.0, &mut image);
        let expected = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        for (found, expected) in image.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{image:?}");
        }
    }

    #[test]
    fn half_the_scale_moves_the_border_inwards() {
        let mut image = [0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        rotate_and_scale(ImageShape { height: 1, width: 9, ..SHAPE }, 0.0, 0.5, &mut image);
        let expected = [0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        for (found, expected) in image.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{image:?}");
        }
    }
}
