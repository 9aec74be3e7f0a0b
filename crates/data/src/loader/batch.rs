//! A batch of images.

use crate::shape::ImageShape;
use crate::targets::Targets;

/// Images for a network: labelled images, then negatives, which have no label: line negatives and
/// outliers.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Normalized pixels, `[labelled + negatives, channels, height, width]`.
    pub images: Vec<f32>,
    /// The class or classes of each labelled image: `[labelled]`.
    pub targets: Targets,
    /// The shape of each image.
    pub shape: ImageShape,
}

impl Batch {
    /// Number of labelled images; at least 1.
    #[must_use]
    pub fn labelled(&self) -> usize {
        self.targets.len()
    }

    /// Number of images without a label
    /// ([`LineNegativesConfig::invalid`](crate::LineNegativesConfig::invalid),
    /// [`OutliersConfig`](crate::OutliersConfig)).
    #[must_use]
    pub fn negatives(&self) -> usize {
        self.images.len() / self.shape.pixels() - self.labelled()
    }

    /// The pixels of the labelled images, `[labelled, channels, height, width]`.
    #[must_use]
    pub fn labelled_images(&self) -> &[f32] {
        &self.images[..self.labelled() * self.shape.pixels()]
    }

    /// The pixels of the images without a label, `[negatives, channels, height, width]`.
    #[must_use]
    pub fn negative_images(&self) -> &[f32] {
        &self.images[self.labelled() * self.shape.pixels()..]
    }
}
