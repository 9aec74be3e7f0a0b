//! Adam's step on flex's tensors, in place where their memory is not shared.

use burn::backend::Flex;
use burn::tensor::Tensor;
use burn_flex::FlexTensor;

use super::tensor::{contiguous, numbers};
use crate::adam::{self, AdamStep};
use crate::simd::Instructions;

pub(crate) fn adam_step<const D: usize>(
    set: Instructions,
    parameter: [Tensor<D>; 3],
    gradient: Tensor<D>,
    step: &AdamStep,
) -> [Tensor<D>; 3] {
    let gradient = contiguous(primitive(gradient));
    let mut parameter = parameter.map(|tensor| whole(primitive(tensor)));
    let slices = parameter.each_mut().map(FlexTensor::storage_mut::<f32>);
    adam::step(set, slices, numbers(&gradient), step);
    parameter.map(Tensor::from_primitive::<Flex>)
}

/// The flex tensor inside.
fn primitive<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    // The caller has checked the backend of the gradient, which is that of the parameter.
    tensor.try_into_primitive::<Flex>().expect("a tensor of the flex backend")
}

/// A tensor whose memory holds its own numbers only.
fn whole(tensor: FlexTensor) -> FlexTensor {
    let len = tensor.layout().num_elements();
    let alone = tensor.layout().start_offset() == 0 && tensor.storage::<f32>().len() == len;
    if alone { contiguous(tensor) } else { FlexTensor::from_data(tensor.into_data()) }
}
