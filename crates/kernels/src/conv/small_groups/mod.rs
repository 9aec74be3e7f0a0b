//! Convolutions in small groups: depthwise ones, of one channel per group, and those of a few.
//!
//! Vectors hold adjacent features, whatever their groups, and are multiplied with vectors of the
//! channels that these features read. A depthwise convolution with one feature per channel finds
//! them in its input as they are; for all others, [`PlaneShape`](layout::PlaneShape) lays them out.

mod forward;
mod input_gradient;
mod layout;
mod pool;
mod weight_gradient;

pub(super) use forward::SmallGroupsConvolver;
pub(super) use input_gradient::input_gradient;
pub(super) use pool::undo_pool;
pub(super) use weight_gradient::weight_gradient;
