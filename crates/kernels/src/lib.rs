//! CPU kernels for small convolutional networks, as operations on Burn's tensors.
//!
//! On Burn's flex backend, the functions of this crate run fused kernels, forward and backward. On
//! every other backend, or when [`use_on_this_thread`] says so, they call Burn's own operations and return matching
//! results.

// Without flex, only the code that calls Burn's own operations is used.
#![cfg_attr(not(feature = "flex"), allow(dead_code, unused_imports))]

mod activation;
mod adam;
mod conv;
mod cross_entropy;
mod elementwise;
mod epilogue;
#[cfg(feature = "flex")]
mod flex;
mod memory;
mod norm;
mod ops;
mod pipeline;
mod pool;
mod simd;

pub use activation::Activation;
pub use adam::AdamStep;
pub use conv::Window;
pub use epilogue::Epilogue;
pub use memory::{Allocator, keep_freed_memory};
pub use ops::{
    AdamParameter, Normalized, adam_step, add, convolution, cross_entropy, fork, linear, normalize,
    normalize_batch, normalize_groups,
};
pub use pipeline::Pipeline;
pub use pool::{Pool, PoolWindow};
pub use simd::{Instructions, use_on_this_thread, used_on_this_thread};

/// Whether operations that the calling thread starts on tensors of this device run kernels: the
/// thread does not use Burn's own operations, and the device is that of Burn's flex backend.
#[must_use]
pub fn work_on(device: &burn::tensor::Device) -> bool {
    #[cfg(feature = "flex")]
    return flex::instructions_for(&burn::tensor::Tensor::<1>::zeros([1], device)).is_some();
    #[cfg(not(feature = "flex"))]
    return {
        let _ = device;
        false
    };
}
