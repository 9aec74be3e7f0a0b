//! Memory: the allocator of programs that train, and the kernels' own buffers.

mod allocator;
mod buffer;

pub use allocator::{Allocator, keep_freed_memory};
pub(crate) use buffer::{Buffer, Scratch, filled, with_scratch, zeroed};
