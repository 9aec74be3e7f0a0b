//! How gradients change weights, and how the learning rate changes over a run.

mod clipping;
mod fused_adam;
mod optimizer;
mod schedule;

pub use clipping::clip_by_global_norm;
pub use optimizer::init_optimizer;
pub use schedule::Schedule;
