//! The ROC curve: true positive rate against false positive rate.

use super::ranking::{Ranking, Selection};

/// Receiver operating characteristic (ROC) curve.
#[derive(Clone, Debug, PartialEq)]
pub struct RocCurve {
    /// By falling threshold, from (0, 0), where nothing is predicted positive, to (1, 1): one point
    /// for every distinct score.
    pub points: Vec<RocPoint>,
    /// Area under the straight lines between the points, 0 to 1: the probability that a positive
    /// scores higher than a negative, equal scores counting half.
    pub area: f64,
}

/// A point of the ROC curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// Fraction of the negatives that are predicted positive, 0 to 1.
    pub false_positive_rate: f64,
    /// Fraction of the positives that are predicted positive, 0 to 1: the recall.
    pub true_positive_rate: f64,
}

impl RocCurve {
    pub(super) fn of(ranking: &Ranking) -> Self {
        let all = ranking.all();
        let mut before = Selection::default();
        let mut points = vec![RocPoint { false_positive_rate: 0.0, true_positive_rate: 0.0 }];
        // Twice the area, in pairs of a positive and a negative: an integer, hence exact.
        let mut doubled_area = 0;
        for selection in ranking.selections() {
            doubled_area +=
                (selection.negatives - before.negatives) * (selection.positives + before.positives);
            points.push(RocPoint {
                false_positive_rate: selection.negatives as f64 / all.negatives as f64,
                true_positive_rate: selection.positives as f64 / all.positives as f64,
            });
            before = *selection;
        }
        let area = doubled_area as f64 / (2 * all.positives * all.negatives) as f64;
        Self { points, area }
    }
}
