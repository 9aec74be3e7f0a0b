//! Linear classifiers on hand-made features: what a network must beat to be worth its training.
//!
//! [`Features`] turns an image into numbers by a fixed rule, [`LinearClassifier`] is multinomial
//! logistic regression on such numbers, and [`choose_strength`] picks its only setting that
//! matters, the L2 strength, on images held out of training.
//!
//! It prints nothing, draws no random numbers, and never sees a test image while it trains.

mod choose;
mod edges;
mod error;
mod examples;
mod features;
mod grey;
mod linear_classifier;
mod local_binary_patterns;
mod oriented_gradients;
mod problem;
mod standardization;

pub use crate::choose::{Choice, STRENGTHS, Trial, choose_strength};
pub use crate::error::BaselineError;
pub use crate::examples::Examples;
pub use crate::features::Features;
pub use crate::linear_classifier::{LinearClassifier, Score, Settings};
