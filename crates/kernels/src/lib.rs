//! CPU kernels for small convolutional networks, as operations on Burn's tensors.
//!
//! On the flex backend the functions of this crate run its own code, forward and backward; on every
//! other backend, or when switched off, they are made of Burn's own operations.

// Without flex only what is made of Burn's own operations is used.
#![cfg_attr(not(feature = "flex"), allow(dead_code, unused_imports))]

mod adam;
mod addition;
mod buffer;
mod conv_block;
mod convolution;
mod cross_entropy;
mod elementwise;
mod few_taps;
#[cfg(feature = "flex")]
mod flex;
mod forward;
mod frame;
mod input_gradient;
mod instructions;
mod lanes;
mod memory;
mod norm;
mod normalization;
mod packed;
mod pipeline;
#[cfg(test)]
mod reference;
mod shape;
mod sparse;
mod tile;
mod weight_gradient;
mod winograd;

use std::sync::atomic::{AtomicBool, Ordering};

pub use adam::{AdamParameter, AdamStep, adam_step};
pub use addition::{add, fork};
pub use convolution::{Window, convolution, linear};
pub use cross_entropy::cross_entropy;
pub use forward::Epilogue;
pub use instructions::Instructions;
pub use memory::{Allocator, keep_freed_memory};
pub use normalization::{Normalized, normalize, normalize_batch};
pub use pipeline::Pipeline;

static ENABLED: AtomicBool = AtomicBool::new(true);

/// Switches the kernels on or off for the whole process; they are on at first.
pub fn enable(on: bool) {
    ENABLED.store(on, Ordering::Relaxed);
}

/// Whether the kernels work on tensors of this device: they are switched on, and it is Burn's flex
/// backend.
#[must_use]
pub fn work_on(device: &burn::tensor::Device) -> bool {
    #[cfg(feature = "flex")]
    return flex::takes(&burn::tensor::Tensor::<1>::zeros([1], device));
    #[cfg(not(feature = "flex"))]
    return {
        let _ = device;
        false
    };
}

/// Whether the kernels are switched on.
#[must_use]
pub fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}
