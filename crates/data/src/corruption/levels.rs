//! An image while it is corrupted.

use crate::filters::map_levels;
use crate::image::Image;
use crate::shape::ImageShape;

/// Levels from 0, black, to 1, white; noise may leave the range until the end.
pub(super) struct Levels {
    pub shape: ImageShape,
    pub values: Vec<f32>, // [channels, height, width]
}

impl Levels {
    pub fn of(image: &Image) -> Self {
        let values = image.pixels().iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        Self { shape: image.shape(), values }
    }

    /// The image with these levels, clipped to 0 to 1.
    pub fn image(&self) -> Image {
        // A conversion to u8 rounds down and saturates.
        let pixels = self.values.iter().map(|value| (value * 255.0 + 0.5) as u8).collect();
        Image { shape: self.shape, pixels }
    }

    /// Length of the shorter side in pixels, of which all lengths are shares.
    pub fn side(&self) -> f32 {
        self.shape.height.min(self.shape.width) as f32
    }

    /// The mean level.
    pub fn mean(&self) -> f32 {
        self.values.iter().sum::<f32>() / self.values.len() as f32
    }

    /// Replaces every level by `change` of it.
    pub fn map(&mut self, change: impl FnMut(f32) -> f32) {
        map_levels(&mut self.values, change);
    }

    /// Replaces the levels of all channels at each place (column and row) by `change` of them and of
    /// what `at` computes for the place.
    pub fn map_places(
        &mut self,
        at: impl Fn([f32; 2]) -> f32,
        mut change: impl FnMut(f32, f32) -> f32,
    ) {
        let (plane, width) = (self.shape.plane(), self.shape.width);
        for place in 0..plane {
            let value = at([(place % width) as f32, (place / width) as f32]);
            for level in self.values[place..].iter_mut().step_by(plane) {
                *level = change(*level, value);
            }
        }
    }
}
