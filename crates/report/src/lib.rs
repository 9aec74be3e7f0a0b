//! How good a classifier is: labels and probabilities in; figures, pictures and pages out.
//!
//! [`Metrics`] gathers all figures of one model; each also stands in a module of its own. Figures
//! are counts of images, or sums over images divided once, and are computed in `f64`. A figure that
//! has no answer, such as the accuracy on no images, is `None`, never a number that looks like one.
//!
//! Knows nothing of tensors, networks or the command line; prints nothing.

mod calibration;
mod class_scores;
mod confusion;
mod curves;
mod evaluation_report;
mod features;
mod interval;
mod matthews;
mod mcnemar;
mod mean;
mod metrics;
mod mistakes;
mod page;
mod pca;
pub mod pictures;
mod predictions;
mod probability_scores;
mod top_k;
mod tsne;

pub use calibration::{Calibration, CalibrationBin};
pub use class_scores::{AverageScores, ClassScores, Scores};
pub use confusion::{ConfusedPair, ConfusionMatrix};
pub use curves::{
    BinaryCurves, Curves, PrecisionRecallCurve, PrecisionRecallPoint, RocCurve, RocPoint,
};
pub use evaluation_report::{Evaluation, ImageFeatures, Plot, Report, ReportError};
pub use features::{Features, FeaturesError};
pub use interval::{Interval, wilson_interval};
pub use matthews::matthews_correlation;
pub use mcnemar::{McNemar, McNemarError};
pub use metrics::{ClassMetrics, CurveAverages, Metrics};
pub use mistakes::{Mistake, mistakes};
pub use page::{Page, PageError, Table};
pub use pca::{PrincipalComponents, principal_components};
pub use predictions::{Predictions, PredictionsError};
pub use probability_scores::{brier_score, cross_entropy};
pub use top_k::top_k_accuracy;
pub use tsne::{TsneError, tsne};
