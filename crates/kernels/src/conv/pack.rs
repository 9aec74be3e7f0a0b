//! Weights in the order in which the kernels read them.
//!
//! Every convolution's weights are a matrix `[features, taps]`, taps in the order (row, column,
//! channel) of the kernel, whatever their order in the caller's tensor.

use rayon::prelude::*;

use super::shape::{ConvShape, WeightShape};
use crate::memory::Buffer;

/// Where the weight of a feature, channel, row and column lies in the caller's tensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightOrder {
    /// Distance from one feature to the next.
    pub feature: usize,
    /// Distance from one input channel to the next.
    pub channel: usize,
    /// Distance from one row of the kernel to the next.
    pub row: usize,
    /// Distance from one column of the kernel to the next.
    pub column: usize,
}

impl WeightOrder {
    /// `[features, channels, rows, columns]`.
    pub fn convolution(shape: &ConvShape) -> Self {
        let [rows, columns] = shape.kernel;
        Self { feature: shape.taps(), channel: rows * columns, row: columns, column: 1 }
    }

    /// Where the weight of a feature, channel, row and column lies.
    pub fn index(&self, [feature, channel, row, column]: [usize; 4]) -> usize {
        feature * self.feature + channel * self.channel + row * self.row + column * self.column
    }

    /// `[channels, rows, columns, features]`.
    pub fn linear(shape: &ConvShape) -> Self {
        let ([rows, columns], features) = (shape.kernel, shape.features);
        let row = columns * features;
        Self { feature: 1, channel: rows * row, row, column: features }
    }
}

/// Calls `visit` with the tap's index and its offset in the caller's tensor.
fn for_each_tap(shape: &WeightShape, order: WeightOrder, mut visit: impl FnMut(usize, usize)) {
    let mut tap = 0;
    for row in 0..shape.rows {
        for column in 0..shape.columns {
            let offset = row * order.row + column * order.column;
            for channel in 0..shape.channels {
                visit(tap, offset + channel * order.channel);
                tap += 1;
            }
        }
    }
}

/// Packs weights as `[block of features][tap][feature in block]`: the weights of one tap for a
/// whole block are adjacent. The last block is filled up with zeros.
pub(crate) fn by_tap(
    weights: &[f32],
    shape: &WeightShape,
    order: WeightOrder,
    block: usize,
) -> Buffer {
    let taps = shape.taps();
    let len = shape.features.div_ceil(block) * taps * block;
    let mut packed = Buffer::zeros(len);
    let blocks = packed.as_mut_slice()[..len].par_chunks_mut(taps * block);
    blocks.enumerate().for_each(|(index, packed)| {
        let first = index * block;
        let count = block.min(shape.features - first);
        for_each_tap(shape, order, |tap, offset| {
            for (feature, out) in packed[tap * block..][..count].iter_mut().enumerate() {
                *out = weights[(first + feature) * order.feature + offset];
            }
        });
    });
    packed
}

/// Packs weights for the gradient of the input at stride 1, which is a convolution of the output's
/// gradient with the kernel rotated by 180 degrees. Packed as [`by_tap`] does, with channels and
/// features exchanged.
pub(crate) fn rotated(
    weights: &[f32],
    shape: &WeightShape,
    order: WeightOrder,
    block: usize,
) -> Buffer {
    let WeightShape { features, rows, columns, channels } = *shape;
    let taps = rows * columns * features;
    let len = channels.div_ceil(block) * taps * block;
    let mut packed = Buffer::zeros(len);
    let blocks = packed.as_mut_slice()[..len].par_chunks_mut(taps * block);
    blocks.enumerate().for_each(|(index, packed)| {
        let first = index * block;
        let count = block.min(channels - first);
        let mut packed = packed.chunks_exact_mut(block);
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                let from = &weights[row * order.row + column * order.column..];
                for (feature, out) in (0..features).zip(&mut packed) {
                    for (channel, out) in out[..count].iter_mut().enumerate() {
                        *out = from[feature * order.feature + (first + channel) * order.channel];
                    }
                }
            }
        }
    });
    packed
}

/// Numbers of room behind a buffer, for vectors that reach past its end.
pub(super) const SLACK: usize = 64;

/// The length of a window's row, rounded up to whole vectors.
pub(crate) fn row_len(run: usize, lanes: usize) -> usize {
    run.next_multiple_of(lanes)
}

/// Packs weights as `[feature][row of the kernel][column, channel]`, each row filled up with zeros
/// to `row_len`.
pub(crate) fn by_feature(
    weights: &[f32],
    shape: &WeightShape,
    order: WeightOrder,
    row_len: usize,
) -> Buffer {
    let run = shape.columns * shape.channels;
    let len = shape.features * shape.rows * row_len;
    let mut packed = Buffer::zeros(len);
    let features = packed.as_mut_slice()[..len].par_chunks_mut(shape.rows * row_len);
    features.enumerate().with_min_len(8).for_each(|(feature, out)| {
        let from = &weights[feature * order.feature..];
        for_each_tap(shape, order, |tap, offset| {
            out[tap / run * row_len + tap % run] = from[offset];
        });
    });
    packed
}

/// Packs weights as `[row and column of the kernel][block of channels][feature][channel in block]`,
/// for the gradient of the input.
pub(crate) fn by_kernel_position(
    weights: &[f32],
    shape: &WeightShape,
    order: WeightOrder,
    block: usize,
) -> Buffer {
    let blocks = shape.channels.div_ceil(block);
    let position_len = blocks * shape.features * block;
    let len = shape.rows * shape.columns * position_len;
    let mut packed = Buffer::zeros(len);
    let positions = packed.as_mut_slice()[..len].par_chunks_mut(position_len);
    positions.enumerate().for_each(|(position, out)| {
        let (row, column) = (position / shape.columns, position % shape.columns);
        let from = &weights[row * order.row + column * order.column..];
        for (index, out) in out.chunks_exact_mut(shape.features * block).enumerate() {
            let channels = index * block..shape.channels.min((index + 1) * block);
            for (feature, out) in out.chunks_exact_mut(block).enumerate() {
                let from = &from[feature * order.feature..];
                for (channel, out) in channels.clone().zip(out) {
                    *out = from[channel * order.channel];
                }
            }
        }
    });
    packed
}

/// Undoes [`by_tap`]. Each block ends with one more row, for the bias, which is returned:
/// `[features]`.
pub(crate) fn unpack_by_tap(
    packed: &[f32],
    shape: &WeightShape,
    order: WeightOrder,
    block: usize,
    weights: &mut [f32],
) -> Vec<f32> {
    let taps = shape.taps();
    (0..shape.features)
        .map(|feature| {
            let from = &packed[feature / block * (taps + 1) * block + feature % block..];
            let out = &mut weights[feature * order.feature..];
            for_each_tap(shape, order, |tap, offset| out[offset] = from[tap * block]);
            from[taps * block]
        })
        .collect()
}

/// Undoes [`by_feature`].
pub(crate) fn unpack_by_feature(
    packed: &[f32],
    shape: &WeightShape,
    order: WeightOrder,
    row_len: usize,
    weights: &mut [f32],
) {
    let run = shape.columns * shape.channels;
    for feature in 0..shape.features {
        let from = &packed[feature * shape.rows * row_len..];
        let out = &mut weights[feature * order.feature..];
        for_each_tap(shape, order, |tap, offset| {
            out[offset] = from[tap / run * row_len + tap % run];
        });
    }
}
