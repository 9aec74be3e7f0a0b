//! The options of a loader.

use crate::augment::Augmentation;
use crate::line_negatives::LineNegatives;
use crate::outliers::Outliers;

/// How a loader makes batches.
#[derive(Clone, Debug)]
pub struct LoaderOptions {
    /// Labelled images in a batch, at least 1; an epoch's last batch may be smaller.
    pub batch_size: usize,
    /// Threads that prepare batches ahead; 0 prepares them in the caller's thread.
    pub workers: usize,
    /// The seed of shuffling, augmentation and line negatives.
    pub seed: u64,
    /// Whether each epoch is shuffled; otherwise every epoch has the order of the indices.
    pub shuffle: bool,
    /// Random distortion of the images; none if absent.
    pub augmentation: Option<Augmentation>,
    /// Partial digits and invalid candidates, made before the augmentation; none if absent.
    pub line_negatives: Option<LineNegatives>,
    /// Generated images of no class, made before the augmentation; none if absent.
    pub outliers: Option<Outliers>,
}
