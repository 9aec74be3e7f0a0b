//! Wrong labels, found by confident learning in out-of-sample probabilities: those of models that
//! were not trained on the image.
//!
//! After Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels"
//! (Journal of Artificial Intelligence Research 70, 2021). An image counts for a class where its
//! probability reaches what is usual for images with this label; the counts of given labels against
//! such classes tell how many labels are wrong, and the probabilities tell which. The figures are
//! those of cleanlab.

mod confident_joint;
mod label_issues;
mod label_quality;

pub use self::confident_joint::ConfidentJoint;
pub use self::label_issues::{LabelIssue, Pruning, label_issues};
pub use self::label_quality::{normalized_margin, self_confidence};
