//! Charts: figures drawn as lines, bars, points and matrices.

pub(crate) mod class_curves;
pub(crate) mod confusion_matrix;
pub(crate) mod epochs;
pub(crate) mod f1_bars;
pub(crate) mod learning_curves;
pub(crate) mod precision_recall_curves;
pub(crate) mod reliability_diagram;
pub(crate) mod roc_curves;
pub(crate) mod run_comparison;
pub(crate) mod scatter;
pub(crate) mod severity_curves;
