//! The handlers, one file for each route.

pub mod confusion_matrix;
pub mod health;
pub mod metrics;
pub mod models;
pub mod predict;
pub mod read;
