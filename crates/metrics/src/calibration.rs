//! Calibration: does the confidence match the accuracy?

use crate::Predictions;
use crate::mean::{mean, share};

/// Number of bins, as in the paper below.
const BINS: usize = 15;

/// The images in bins by confidence, the probability of the predicted class.
///
/// There are 15 bins of equal width, each without its lower and with its upper edge: `(0, 1/15]`,
/// `(1/15, 2/15]` to `(14/15, 1]`; the edges are the `f64` quotients. A confidence above 1, which the
/// tolerance of [`Predictions::new`] allows, is in the last bin.
///
/// Source: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017,
/// sections 2 and 4.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The 15 bins by rising confidence, as a reliability diagram shows them.
    pub bins: Vec<CalibrationBin>,
    /// Expected calibration error (ECE), 0 to 1: the mean over the bins of the absolute difference
    /// between accuracy and mean confidence, weighted by the number of images. `None` without images.
    pub expected_error: Option<f64>,
}

/// The images with a confidence above `low` and up to `high`.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationBin {
    /// Lower edge, not in the bin.
    pub low: f64,
    /// Upper edge, in the bin.
    pub high: f64,
    /// Number of images.
    pub count: usize,
    /// Mean confidence of the images; `None` if there are none.
    pub mean_confidence: Option<f64>,
    /// Fraction of the images that are predicted correctly, 0 to 1; `None` if there are none.
    pub accuracy: Option<f64>,
}

impl Calibration {
    /// Sorts the images of `predictions` into bins.
    #[must_use]
    pub fn of(predictions: &Predictions) -> Self {
        let mut images: [Vec<usize>; BINS] = Default::default();
        for index in 0..predictions.len() {
            images[bin(predictions.confidence(index))].push(index);
        }
        let bins: Vec<CalibrationBin> = images
            .iter()
            .enumerate()
            .map(|(bin, images)| CalibrationBin {
                low: edge(bin),
                high: edge(bin + 1),
                count: images.len(),
                mean_confidence: mean(images.iter().map(|&index| predictions.confidence(index))),
                accuracy: share(
                    images.iter().filter(|index| predictions.is_correct(**index)).count(),
                    images.len(),
                ),
            })
            .collect();
        let distance = bins.iter().filter_map(CalibrationBin::weighted_distance).sum::<f64>();
        let images = predictions.len();
        Self { bins, expected_error: (images > 0).then(|| distance / images as f64) }
    }
}

impl CalibrationBin {
    fn weighted_distance(&self) -> Option<f64> {
        Some(self.count as f64 * (self.accuracy? - self.mean_confidence?).abs())
    }
}

/// Lower edge of bin `bin`, and upper edge of the previous one.
fn edge(bin: usize) -> f64 {
    bin as f64 / BINS as f64
}

/// The bin of a confidence: the number of inner edges below it.
fn bin(confidence: f64) -> usize {
    (1..BINS).filter(|inner| edge(*inner) < confidence).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictions::{certain, of_rows};

    #[test]
    fn edge_is_in_the_bin_below_it() {
        for inner in 1..BINS {
            assert_eq!(bin(edge(inner)), inner - 1);
            assert_eq!(bin(edge(inner).next_up()), inner);
        }
        assert_eq!((bin(0.0), bin(1.0), bin(1.0005)), (0, 14, 14));
    }

    #[test]
    fn error_is_the_distance_of_accuracy_and_confidence_weighted_by_images() {
        // Bin of 0.6: one of two right. Bin of 0.9: one of one right.
        let rows = [[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]];
        let calibration = Calibration::of(&of_rows(&[0, 1, 1], &rows));
        let bin = &calibration.bins[8];
        assert_eq!((bin.count, bin.mean_confidence, bin.accuracy), (2, Some(0.6), Some(0.5)));
        let expected = (2.0 * 0.1 + 0.1) / 3.0;
        assert!((calibration.expected_error.unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn certain_and_right_has_no_error_certain_and_wrong_all_of_it() {
        assert_eq!(Calibration::of(&certain(2, &[0, 1], &[0, 1])).expected_error, Some(0.0));
        assert_eq!(Calibration::of(&certain(2, &[0, 1], &[1, 0])).expected_error, Some(1.0));
    }

    #[test]
    fn empty_bins_have_neither_confidence_nor_accuracy() {
        let calibration = Calibration::of(&certain(2, &[], &[]));
        assert_eq!(calibration.bins.len(), BINS);
        assert!(
            calibration.bins.iter().all(|bin| bin.count == 0
                && bin.mean_confidence.is_none()
                && bin.accuracy.is_none())
        );
        assert_eq!(calibration.expected_error, None);
    }
}
