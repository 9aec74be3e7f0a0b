//! A step of Adam or `AdamW` in one pass over memory.

use burn::tensor::Tensor;

use crate::adam::AdamStep;

/// A parameter, the running mean of its gradients and that of their squares.
pub type AdamParameter<const D: usize> = [Tensor<D>; 3];

/// Applies one step to a parameter.
///
/// # Errors
/// Returns the tensors unchanged where no kernel supports them: they are not `f32` tensors of the
/// flex backend, or the calling thread uses Burn's own operations.
#[allow(clippy::result_large_err)] // What is handed back is what came.
pub fn adam_step<const D: usize>(
    parameter: AdamParameter<D>,
    gradient: Tensor<D>,
    step: &AdamStep,
) -> Result<AdamParameter<D>, (AdamParameter<D>, Tensor<D>)> {
    #[cfg(feature = "flex")]
    if let Some(set) = crate::flex::instructions_for(&gradient) {
        return Ok(crate::flex::adam_step(set, parameter, gradient, step));
    }
    let _ = step;
    Err((parameter, gradient))
}
