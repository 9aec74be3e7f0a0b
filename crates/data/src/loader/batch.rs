//! A batch of images.

use crate::shape::ImageShape;

/// Some images, ready for a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Normalized pixels, `[images, channels, height, width]`: of the images that have a class, then
    /// of pieces that have none ([`CutsConfig::wrong`](crate::CutsConfig::wrong)).
    pub images: Vec<f32>,
    /// The class of each of the first images.
    pub labels: Vec<u8>,
    /// The shape of each image.
    pub shape: ImageShape,
}

impl Batch {
    /// Number of images that have a class; at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Always `false`: a loader makes no empty batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}
