//! Conversions between flex's tensors and slices of numbers.

use burn::backend::DType;
use burn::tensor::{Bytes, Shape};
use burn_flex::{FlexTensor, Layout};

/// Permutation from `[batch, channels, height, width]` to `[batch, height, width, channels]`.
const CHANNELS_LAST: [usize; 4] = [0, 2, 3, 1];
/// The inverse of [`CHANNELS_LAST`].
const CHANNELS_SECOND: [usize; 4] = [0, 3, 1, 2];

/// Moves the channels of a map last in memory. Copies only if they are not.
pub(crate) fn channels_last(map: FlexTensor) -> FlexTensor {
    let layout = map.layout().permute(&CHANNELS_LAST);
    let map = contiguous(map.with_layout(layout));
    let layout = map.layout().permute(&CHANNELS_SECOND);
    map.with_layout(layout)
}

/// Makes a tensor contiguous. Copies only if it is not.
pub(crate) fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() }
}

/// The numbers of a contiguous tensor, in the order of memory.
pub(crate) fn numbers(tensor: &FlexTensor) -> &[f32] {
    let start = tensor.layout().start_offset();
    &tensor.storage::<f32>()[start..start + tensor.layout().num_elements()]
}

/// A map from numbers that lie with the channels last.
pub(crate) fn from_channels_last(
    numbers: Vec<f32>,
    [batch, channels, height, width]: [usize; 4],
) -> FlexTensor {
    let layout = Layout::contiguous(Shape::from([batch, height, width, channels]));
    let layout = layout.permute(&CHANNELS_SECOND);
    FlexTensor::new(Bytes::from_elems(numbers), layout, DType::F32)
}

/// A tensor from its numbers.
pub(crate) fn from_numbers(numbers: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(numbers), Layout::contiguous(shape), DType::F32)
}
