//! ROC and precision–recall curves: how well probabilities separate the classes, over all
//! thresholds.

mod precision_recall;
mod ranking;
mod roc;

use self::ranking::Ranking;
use crate::Predictions;
use crate::mean::mean;

pub use self::precision_recall::{PrecisionRecallCurve, PrecisionRecallPoint};
pub use self::roc::{RocCurve, RocPoint};

/// Both curves of a binary classification.
#[derive(Clone, Debug, PartialEq)]
pub struct BinaryCurves {
    /// True positive rate against false positive rate.
    pub roc: RocCurve,
    /// Precision against recall.
    pub precision_recall: PrecisionRecallCurve,
}

/// The curves of all classes, each against the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// Each class against the rest, scored by the class's probability; `None` if no image or every
    /// image is of the class.
    pub classes: Vec<Option<BinaryCurves>>,
    /// Micro average: the probabilities of all classes as one list, in which those of the labels are
    /// the positives. `None` without images and with one class only.
    pub micro: Option<BinaryCurves>,
}

impl BinaryCurves {
    /// From pairs of a score and whether it belongs to a positive. `None` unless there are both
    /// positives and negatives.
    pub(crate) fn of(scores: impl Iterator<Item = (f64, bool)>) -> Option<Self> {
        let ranking = Ranking::of(scores)?;
        Some(Self {
            roc: RocCurve::of(&ranking),
            precision_recall: PrecisionRecallCurve::of(&ranking),
        })
    }
}

impl Curves {
    /// The curves of `predictions`.
    #[must_use]
    pub fn of(predictions: &Predictions) -> Self {
        let scores = |class: usize| {
            predictions.labels().iter().enumerate().map(move |(index, label)| {
                (predictions.probabilities(index)[class], *label == class)
            })
        };
        let classes = 0..predictions.classes();
        Self {
            micro: BinaryCurves::of(classes.clone().flat_map(scores)),
            classes: classes.map(|class| BinaryCurves::of(scores(class))).collect(),
        }
    }

    /// Mean area under the ROC curves of the classes that have one, 0 to 1; `None` if there are none.
    #[must_use]
    pub fn macro_auc(&self) -> Option<f64> {
        mean(self.classes.iter().flatten().map(|curves| curves.roc.area))
    }

    /// Mean average precision of the classes that have curves, 0 to 1; `None` if there are none.
    #[must_use]
    pub fn macro_average_precision(&self) -> Option<f64> {
        mean(self.classes.iter().flatten().map(|curves| curves.precision_recall.average_precision))
    }
}

/// The area under the ROC curve of pairs of a score and whether it belongs to a positive. `None`
/// unless there are both positives and negatives.
pub(crate) fn area_under_roc(scores: impl Iterator<Item = (f64, bool)>) -> Option<f64> {
    Ranking::of(scores).map(|ranking| RocCurve::of(&ranking).area)
}

#[cfg(test)]
mod tests;
