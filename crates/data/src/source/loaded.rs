//! A data set in memory.

use crate::image_set::ImageSet;

/// Both splits of a data set. They have the same image shape and the same classes.
#[derive(Clone, Debug)]
pub struct LoadedDataset {
    /// The training split, from which validation images have not been held out yet.
    pub train: ImageSet,
    /// The test split.
    pub test: ImageSet,
    /// The name of each class.
    pub class_names: Vec<String>,
}
