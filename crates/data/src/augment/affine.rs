//! Random rotation, translation, scale and shear, composed into one affine transform.

use rand_pcg::Pcg32;

use super::config::AugmentConfig;
use crate::error::DataError;
use crate::random::uniform;
use crate::ranges::{check_interval, check_range};
use crate::shape::ImageShape;

/// The ranges from which a transform is drawn, with angles in radians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine {
    rotate: f32,
    translate: f32,
    scale: [f32; 2],
    shear: f32,
}

impl Affine {
    /// `None` if the config has no affine augmentation.
    pub(super) fn new(config: &AugmentConfig) -> Result<Option<Self>, DataError> {
        let AugmentConfig { rotate, translate, scale, shear, .. } = *config;
        if rotate.or(translate).or(shear).is_none() && scale.is_none() {
            return Ok(None);
        }
        let affine = Self {
            rotate: rotate.unwrap_or(0.0),
            translate: translate.unwrap_or(0.0),
            scale: scale.unwrap_or([1.0, 1.0]),
            shear: shear.unwrap_or(0.0),
        };
        check_range("augment.rotate", affine.rotate, [0.0, 180.0], " degrees")?;
        check_range("augment.translate", affine.translate, [0.0, 1.0], " of the side")?;
        check_interval("augment.scale", affine.scale, [0.1, 10.0])?;
        check_range("augment.shear", affine.shear, [0.0, 60.0], " degrees")?;
        Ok(Some(Self {
            rotate: affine.rotate.to_radians(),
            shear: affine.shear.to_radians(),
            ..affine
        }))
    }

    pub(super) fn draw(self, random: &mut Pcg32, shape: ImageShape) -> Transform {
        let mut within = |reach: f32| uniform(random, [-reach, reach]);
        let angle = within(self.rotate);
        let slant = within(self.shear);
        let shift = [
            within(self.translate) * shape.width as f32,
            within(self.translate) * shape.height as f32,
        ];
        Transform::new(shape, angle, slant.tan(), uniform(random, self.scale), shift)
    }
}

/// An affine transform, as the position in the original of each pixel of the result: `source =
/// origin + along * column + down * row`, as (x, y) in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transform {
    pub(super) origin: [f32; 2],
    pub(super) along: [f32; 2],
    pub(super) down: [f32; 2],
}

impl Default for Transform {
    /// The identity.
    fn default() -> Self {
        Self { origin: [0.0, 0.0], along: [1.0, 0.0], down: [0.0, 1.0] }
    }
}

impl Transform {
    /// Scales by `scale`, shears by `shear`, rotates by `angle` (radians, clockwise) about the
    /// centre, then translates by `shift`.
    ///
    /// Resampling needs the inverse transform, so this is the inverse of rotation · shear · scale:
    /// `1/scale · [[1, −shear], [0, 1]] · [[cos, sin], [−sin, cos]]`.
    pub(crate) fn new(
        shape: ImageShape,
        angle: f32,
        shear: f32,
        scale: f32,
        shift: [f32; 2],
    ) -> Self {
        let (sine, cosine) = angle.sin_cos();
        let along = [(cosine + shear * sine) / scale, -sine / scale];
        let down = [(sine - shear * cosine) / scale, cosine / scale];
        let centre = [(shape.width - 1) as f32 / 2.0, (shape.height - 1) as f32 / 2.0];
        let moved = [centre[0] + shift[0], centre[1] + shift[1]];
        let origin =
            [0, 1].map(|axis| centre[axis] - along[axis] * moved[0] - down[axis] * moved[1]);
        Self { origin, along, down }
    }
}
