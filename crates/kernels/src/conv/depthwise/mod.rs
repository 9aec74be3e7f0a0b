//! Depthwise convolutions: as many groups as channels, and one or more features per channel.
//!
//! Every feature reads one channel, so that vectors of adjacent features are multiplied with vectors
//! of adjacent channels. With several features per channel, each channel is first repeated for all
//! of them.

mod forward;
mod input_gradient;
mod layout;
mod weight_gradient;

pub(super) use forward::DepthwiseConvolver;
pub(super) use input_gradient::input_gradient;
pub(super) use layout::undo_pool;
pub(super) use weight_gradient::weight_gradient;
