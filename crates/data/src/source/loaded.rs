//! A data set in memory.

use crate::image_set::ImageSet;

/// Both splits of a data set. They have the same shape and the same classes.
#[derive(Clone, Debug)]
pub struct Source {
    /// The images to learn from; validation images are still among them.
    pub train: ImageSet,
    /// The images to judge by, once, at the end.
    pub test: ImageSet,
    /// A name for each class.
    pub class_names: Vec<String>,
}
