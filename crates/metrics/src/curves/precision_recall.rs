//! The precision–recall curve.

use super::ranking::{Ranking, Selection};

/// Precision against recall, over all thresholds.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionRecallCurve {
    /// By falling threshold, from recall 0, where nothing is predicted positive and the precision is 1
    /// by convention, to recall 1: one point for every distinct score.
    pub points: Vec<PrecisionRecallPoint>,
    /// Average precision, above 0 and up to 1: the sum over the points of their precision times the
    /// increase in recall since the previous point. Like scikit-learn's, the sum does not interpolate
    /// linearly between points, which would be too optimistic.
    pub average_precision: f64,
}

/// A point of the precision–recall curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecallPoint {
    /// Fraction of the positives that are predicted positive, 0 to 1.
    pub recall: f64,
    /// Fraction of the predicted positives that are positive, 0 to 1.
    pub precision: f64,
}

impl PrecisionRecallCurve {
    pub(super) fn of(ranking: &Ranking) -> Self {
        let positives = ranking.all().positives as f64;
        let mut before = Selection::default();
        let mut points = vec![PrecisionRecallPoint { recall: 0.0, precision: 1.0 }];
        let mut sum = 0.0;
        for selection in ranking.selections() {
            let found = selection.positives as f64;
            let precision = found / (selection.positives + selection.negatives) as f64;
            sum += (selection.positives - before.positives) as f64 * precision;
            points.push(PrecisionRecallPoint { recall: found / positives, precision });
            before = *selection;
        }
        Self { points, average_precision: sum / positives }
    }
}
