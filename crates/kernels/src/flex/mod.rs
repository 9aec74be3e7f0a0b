//! The kernels as operations of Burn's flex backend, with their gradients.
//!
//! Maps keep Burn's shape, `[batch, channels, height, width]`, but lie in memory with the channels
//! last. Their strides express it, so that Burn's own operations accept them.

mod adam;
mod convolution;
mod cross_entropy;
mod group_normalization;
mod normalization;
mod normalization_block;
mod residual;
mod tensor;

pub(crate) use adam::adam_step;
pub(crate) use convolution::{convolution, linear};
pub(crate) use cross_entropy::cross_entropy;
pub(crate) use group_normalization::normalize_groups;
pub(crate) use normalization::{normalize, normalize_batch};
pub(crate) use residual::{add, fork};

use burn::backend::DispatchTensorKind;
use burn::tensor::{DType, Tensor};

use crate::simd::{Instructions, used_on_this_thread};

/// The calling thread's instructions for kernels on this tensor. `None` if the operation is Burn's
/// own: the thread uses those, or the tensor is not an `f32` tensor of the flex backend.
pub(crate) fn instructions_for<const D: usize>(tensor: &Tensor<D>) -> Option<Instructions> {
    let is_flex = |kind: &DispatchTensorKind| matches!(kind, DispatchTensorKind::Flex(_));
    let set = used_on_this_thread()?;
    if tensor.dtype() != DType::F32 {
        return None;
    }
    let kind = tensor.clone().into_dispatch().kind;
    let supported =
        is_flex(&kind) || matches!(kind, DispatchTensorKind::Autodiff(inner) if is_flex(&inner));
    supported.then_some(set)
}
