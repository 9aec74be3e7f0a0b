//! How good a classifier is: labels and probabilities in; figures, pictures and pages out.
//!
//! Knows nothing of tensors, networks or the command line; prints nothing.

mod predictions;

pub use predictions::{Predictions, PredictionsError};
