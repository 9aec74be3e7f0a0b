//! How good a classifier is: labels and probabilities become figures.
//!
//! [`Metrics`] gathers all figures of one model; each is computed in its own module, in `f64`, from
//! counts of images or sums over images that are divided once. A figure that is undefined, such as
//! the accuracy on no images, is `None`. [`principal_components`] and [`tsne`] embed feature vectors
//! in the plane, [`MultiLabelMetrics`] are the figures of a model that predicts any number of classes,
//! [`CorruptionMetrics`] is accuracy on corrupted images, [`McNemar`] compares two models,
//! [`fit_temperature`] and [`passing_threshold`] calibrate one, and [`numbers`] formats figures as text.
//!
//! The crate has no tensors and no networks, draws nothing, and reads and writes no files.

mod calibration;
mod class_scores;
mod confusion;
mod corruptions;
mod curves;
mod detection;
mod feature_search;
mod interval;
mod label_errors;
mod matthews;
mod mcnemar;
mod mean;
mod metrics;
mod misclassifications;
mod multi_label;
pub mod numbers;
mod passing_threshold;
mod predictions;
mod probability_scores;
mod projection;
mod temperature;
mod top_k;

pub use calibration::{Calibration, CalibrationBin};
pub use class_scores::{AverageScores, ClassScores, Scores};
pub use confusion::{ConfusedPair, ConfusionMatrix};
pub use corruptions::{
    CorruptionAccuracy, CorruptionMetrics, FamilyAccuracy, MIDDLE_SEVERITY, UnseenCorruptions,
    WorstCorruption,
};
pub use curves::{
    BinaryCurves, Curves, PrecisionRecallCurve, PrecisionRecallPoint, RocCurve, RocPoint,
};
pub use detection::{auroc, precision_at};
pub use feature_search::{NearDuplicate, near_duplicates, neighbour_distances};
pub use interval::{Interval, wilson_interval};
pub use label_errors::{
    ConfidentJoint, LabelIssue, Pruning, label_issues, normalized_margin, self_confidence,
};
pub use matthews::matthews_correlation;
pub use mcnemar::{McNemar, McNemarError};
pub use metrics::{ClassMetrics, CurveAverages, Metrics};
pub use misclassifications::{Misclassification, misclassifications};
pub use multi_label::{
    AveragePrecision, LabelAverages, LabelMetrics, MultiLabelMetrics, MultiLabelPredictions,
    UNDECIDED, best_f1_thresholds,
};
pub use passing_threshold::passing_threshold;
pub use predictions::{Predictions, PredictionsError};
pub use probability_scores::{brier_score, cross_entropy};
pub use projection::{
    FeatureMatrix, FeatureMatrixError, PROJECTED_DIMENSIONS, PrincipalComponents, TsneError,
    principal_components, random_projection, tsne,
};
pub use temperature::fit_temperature;
pub use top_k::top_k_accuracy;
