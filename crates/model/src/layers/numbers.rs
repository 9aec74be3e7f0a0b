//! Reading a layer's weights.

use burn::tensor::Tensor;

/// The numbers of a tensor in host memory.
///
/// # Panics
/// Panics if its device cannot give them: pipelines are made on devices that are the host.
pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec_as::<f32>().expect("numbers in host memory")
}
