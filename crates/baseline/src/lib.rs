//! Linear classifiers on hand-made features: a baseline to compare networks with.
//!
//! [`Features`] computes a vector from an image, [`LinearClassifier`] is multinomial logistic
//! regression on such vectors, and [`choose_strength`] selects its most important setting, the L2
//! strength, on validation images.
//!
//! The crate prints nothing and draws no random numbers. Test images are not used in training.

mod choose;
mod edges;
mod error;
mod examples;
mod features;
mod grey;
mod linear_classifier;
mod local_binary_patterns;
mod oriented_gradients;
mod scaled_problem;
mod standardization;

pub use crate::choose::{Choice, STRENGTHS, Trial, choose_strength};
pub use crate::error::BaselineError;
pub use crate::examples::Examples;
pub use crate::features::Features;
pub use crate::linear_classifier::{LinearClassifier, Score, Settings};
