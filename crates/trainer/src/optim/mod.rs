//! How gradients change weights, and how the learning rate changes over a run.

mod fused_adam;
mod optimizer;
mod schedule;

pub use optimizer::init_optimizer;
pub use schedule::Schedule;
