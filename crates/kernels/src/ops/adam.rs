//! A step of Adam or `AdamW` in one pass over memory.

use burn::tensor::Tensor;

use crate::adam::AdamStep;

/// A parameter with its means of gradients and of squared gradients.
pub type AdamParameter<const D: usize> = [Tensor<D>; 3];

/// Takes a step; hands everything back unchanged where the kernels do not work on such tensors.
///
/// # Errors
/// With the tensors, when they are not of `f32` on the flex backend, or the kernels are off.
#[allow(clippy::result_large_err)] // What is handed back is what came.
pub fn adam_step<const D: usize>(
    parameter: AdamParameter<D>,
    gradient: Tensor<D>,
    step: &AdamStep,
) -> Result<AdamParameter<D>, (AdamParameter<D>, Tensor<D>)> {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&gradient) {
        return Ok(crate::flex::adam_step(parameter, gradient, step));
    }
    let _ = step;
    Err((parameter, gradient))
}
