//! The sections of the report, from top to bottom. Each adds a heading, tables and pictures to the
//! page, or nothing if its input is missing.

pub(crate) mod calibration;
pub(crate) mod class_metrics;
pub(crate) mod corruptions;
pub(crate) mod error_analysis;
pub(crate) mod feature_space;
pub(crate) mod key_figures;
pub(crate) mod label_errors;
pub(crate) mod label_metrics;
pub(crate) mod sample_predictions;
pub(crate) mod threshold_curves;
pub(crate) mod training_history;

mod cells;
