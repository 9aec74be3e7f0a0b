//! What the batches of a loader depend on.

use crate::augment::Augmentation;
use crate::line_negatives::Cuts;

/// How batches are made.
#[derive(Clone, Debug)]
pub struct LoaderOptions {
    /// Images in a batch, at least 1; an epoch's last batch may be smaller.
    pub batch_size: usize,
    /// Threads that make batches ahead; 0 makes them in the caller's thread.
    pub workers: usize,
    /// The seed of order and distortion.
    pub seed: u64,
    /// Whether each epoch has a random order of its own; otherwise all keep the order of the
    /// indices.
    pub shuffle: bool,
    /// How images are distorted, if at all.
    pub augmentation: Option<Augmentation>,
    /// What the images are cut into before, if anything.
    pub cuts: Option<Cuts>,
}
