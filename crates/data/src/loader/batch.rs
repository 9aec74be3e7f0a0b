//! A batch of images.

use crate::shape::ImageShape;
use crate::targets::Targets;

/// Images for a network: labelled images, then further views of them, then negatives, which have no
/// label: line negatives and outliers.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Normalized pixels, `[labelled · (1 + views) + negatives, channels, height, width]`. All first
    /// views follow the labelled images, then all second ones.
    pub images: Vec<f32>,
    /// The class or classes of each labelled image: `[labelled]`.
    pub targets: Targets,
    /// What labelled images are mixed with; `None` if the config mixes none.
    pub partners: Option<Partners>,
    /// Number of further views of each labelled image ([`Augmentation::views`](crate::Augmentation)).
    pub views: usize,
    /// The shape of each image.
    pub shape: ImageShape,
}

/// The images that labelled images are mixed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Partners {
    /// The class or classes of each partner: `[labelled]`; of an image that is not mixed, its own.
    pub targets: Targets,
    /// The share of each labelled image in its mixture, 0 to 1: `[labelled]`.
    pub shares: Vec<f32>,
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
        self.images.len() / self.shape.pixels() - self.labelled() * (1 + self.views)
    }

    /// The pixels of the labelled images, `[labelled, channels, height, width]`.
    #[must_use]
    pub fn labelled_images(&self) -> &[f32] {
        &self.images[..self.labelled() * self.shape.pixels()]
    }

    /// The pixels of the images without a label, `[negatives, channels, height, width]`.
    #[must_use]
    pub fn negative_images(&self) -> &[f32] {
        &self.images[self.labelled() * (1 + self.views) * self.shape.pixels()..]
    }
}
