//! One file per route: what answers it.

pub mod confusion_matrix;
pub mod health;
pub mod metrics;
pub mod models;
pub mod predict;
pub mod read;
