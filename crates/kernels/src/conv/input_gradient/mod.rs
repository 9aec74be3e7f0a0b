//! The gradient of a convolution's input, from that of its output.

mod dense;
mod pooled;

pub(super) use dense::input_gradient as dense;
pub(super) use pooled::input_gradient as pooled;
