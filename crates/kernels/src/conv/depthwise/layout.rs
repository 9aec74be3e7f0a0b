//! How depthwise convolutions lay out channels and weights.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::conv::pack::WeightOrder;
use crate::conv::shape::ConvShape;
use crate::conv::windows::WindowLayout;
use crate::memory::{Buffer, filled};

/// The same convolution of repeated channels: one for every feature.
pub(super) fn per_feature(shape: &ConvShape) -> ConvShape {
    ConvShape { channels: shape.features, groups: shape.features, ..*shape }
}

/// Where the taps of a window lie, from its start.
pub(super) fn tap_offsets(windows: &WindowLayout, shape: &ConvShape) -> Vec<usize> {
    let [rows, columns] = shape.kernel;
    (0..rows)
        .flat_map(|row| {
            (0..columns).map(move |column| row * windows.row_stride + column * shape.features)
        })
        .collect()
}

/// Packs weights as `[tap][feature]`, the features filled up with zeros to whole vectors.
pub(super) fn pack(weights: &[f32], shape: &ConvShape, order: WeightOrder, lanes: usize) -> Buffer {
    let width = shape.features.next_multiple_of(lanes);
    let [rows, columns] = shape.kernel;
    let mut packed = Buffer::zeros(rows * columns * width);
    for (tap, packed) in packed.as_mut_slice().chunks_exact_mut(width).enumerate() {
        if tap == rows * columns {
            break;
        }
        let offset = tap / columns * order.row + tap % columns * order.column;
        for (feature, out) in packed[..shape.features].iter_mut().enumerate() {
            *out = weights[feature * order.feature + offset];
        }
    }
    packed
}

/// Packs as [`pack`] does, with the kernel rotated by 180 degrees.
pub(super) fn pack_rotated(
    weights: &[f32],
    shape: &ConvShape,
    order: WeightOrder,
    lanes: usize,
) -> Buffer {
    let mut packed = pack(weights, shape, order, lanes);
    let width = shape.features.next_multiple_of(lanes);
    let taps = shape.kernel[0] * shape.kernel[1];
    let packed_taps = &mut packed.as_mut_slice()[..taps * width];
    for tap in 0..taps / 2 {
        let (left, right) = packed_taps.split_at_mut((taps - 1 - tap) * width);
        left[tap * width..][..width].swap_with_slice(&mut right[..width]);
    }
    packed
}

/// Repeats every number of `map` `times` in a row.
pub(super) fn repeat_channels(map: &[f32], times: usize, repeated: &mut [f32]) {
    for (number, repeated) in map.iter().zip(repeated.chunks_exact_mut(times)) {
        repeated.fill(*number);
    }
}

/// Undoes [`repeat_channels`] for gradients: adds up every `count` numbers in a row.
pub(super) fn add_channels(gradient: &[f32], count: usize) -> Vec<f32> {
    gradient
        .par_chunks_exact(count)
        .with_min_len(1 << 12)
        .map(|numbers| numbers.iter().sum())
        .collect()
}

/// The gradient of a pool's input, `[batch, height, width, features]`, from the `gradient` and
/// `argmax` of its output. An odd last row or column has no gradient.
pub(in crate::conv) fn undo_pool(shape: &ConvShape, gradient: &[f32], argmax: &[u8]) -> Vec<f32> {
    let ([height, width], features) = (shape.output_size(), shape.features);
    let pools = width / 2;
    let outputs = height / 2 * pools * features;
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert_eq!(argmax.len(), gradient.len());
    let row_len = width * features;
    let fill = |of_input: &mut [MaybeUninit<f32>]| {
        of_input.par_chunks_mut(row_len).enumerate().for_each(|(index, of_row)| {
            let (image, row) = (index / height, index % height);
            for (column, of_position) in of_row.chunks_exact_mut(features).enumerate() {
                if row / 2 >= height / 2 || column / 2 >= pools {
                    of_position.fill(MaybeUninit::new(0.0));
                    continue;
                }
                let at = image * outputs + (row / 2 * pools + column / 2) * features;
                let corner = (row % 2 * 2 + column % 2) as u8;
                let numbers = gradient[at..at + features].iter().zip(&argmax[at..at + features]);
                for (out, (gradient, argmax)) in of_position.iter_mut().zip(numbers) {
                    out.write(if *argmax == corner { *gradient } else { 0.0 });
                }
            }
        });
    };
    // SAFETY: every position of every row is written.
    unsafe { filled(shape.batch * height * row_len, fill) }
}
