//! Loss and accuracy of a split, added up image by image.

use serde::{Deserialize, Serialize};

/// No epoch has more images: a count that is added to never overflows.
const MOST_IMAGES: u64 = 1 << 48;

/// Sums over the images of a split seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    loss_sum: f64,
    /// Sum of the images' class weights; the number of images if there are no class weights.
    weight_sum: f64,
    correct: u64,
    images: u64,
    /// The smallest and the largest predicted class, where they were asked for; not part of a
    /// checkpoint.
    #[serde(skip)]
    predicted: Option<[usize; 2]>,
}

impl Tally {
    /// Adds a batch of `images` images with this mean loss, which counts `weight` in means over
    /// batches.
    pub fn add(&mut self, mean_loss: f64, weight: f64, correct: u64, images: u64) {
        self.loss_sum += mean_loss * weight;
        self.weight_sum += weight;
        self.correct += correct;
        self.images += images;
    }

    /// Mean loss, in nats; 0 before the first image.
    #[must_use]
    pub fn loss(&self) -> f64 {
        if self.images == 0 { 0.0 } else { self.loss_sum / self.weight_sum }
    }

    /// Share of the images classified correctly; 0 before the first image.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.images.max(1) as f64
    }

    /// The smallest and the largest predicted class; `None` for training batches.
    #[must_use]
    pub fn predicted(&self) -> Option<[usize; 2]> {
        self.predicted
    }

    /// Widens the range of predicted classes.
    pub fn add_predicted(&mut self, least: usize, greatest: usize) {
        let [smallest, largest] = self.predicted.unwrap_or([least, greatest]);
        self.predicted = Some([least.min(smallest), greatest.max(largest)]);
    }

    /// Whether these can be the sums of a part of an epoch.
    pub(crate) fn is_plausible(&self) -> bool {
        let Self { loss_sum, weight_sum, correct, images, .. } = *self;
        let are_sums = loss_sum.is_finite() && weight_sum.is_finite() && weight_sum >= 0.0;
        are_sums && correct <= images && images <= MOST_IMAGES
    }

    /// Images counted.
    #[must_use]
    pub fn images(&self) -> u64 {
        self.images
    }
}
