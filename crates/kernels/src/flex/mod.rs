//! The kernels as operations of Burn's flex backend, with their gradients.
//!
//! Maps keep Burn's shape, `[batch, channels, height, width]`, but lie in memory with the channels
//! last. Their strides express it, so that Burn's own operations accept them.

mod adam;
mod convolution;
mod cross_entropy;
mod normalization;
mod residual;
mod tensor;

pub(crate) use adam::adam_step;
pub(crate) use convolution::{convolution, linear};
pub(crate) use cross_entropy::cross_entropy;
pub(crate) use normalization::{normalize, normalize_batch};
pub(crate) use residual::{add, fork};

use burn::backend::DispatchTensorKind;
use burn::tensor::{DType, Tensor};

/// Whether the kernels run on this tensor: they are switched on, and it is an `f32` tensor of the
/// flex backend.
pub(crate) fn takes<const D: usize>(tensor: &Tensor<D>) -> bool {
    let is_flex = |kind: &DispatchTensorKind| matches!(kind, DispatchTensorKind::Flex(_));
    if !crate::simd::enabled() || tensor.dtype() != DType::F32 {
        return false;
    }
    let kind = tensor.clone().into_dispatch().kind;
    is_flex(&kind) || matches!(kind, DispatchTensorKind::Autodiff(inner) if is_flex(&inner))
}
