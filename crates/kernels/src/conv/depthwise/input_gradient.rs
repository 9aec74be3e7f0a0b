//! The gradient of a depthwise convolution's input.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::forward::DepthwiseConvolver;
use super::layout::{add_channels, pack, pack_rotated, per_feature, tap_offsets};
use crate::conv::chunks::{ChunkLens, for_each_chunk};
use crate::conv::pack::WeightOrder;
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout, chunk_len};
use crate::epilogue::Epilogue;
use crate::memory::{filled, with_scratch};
use crate::simd::{Instructions, load, load_first, multiply_add, store_first};

/// From weights in the given `order` and `gradient`, `[batch, height, width, features]` of the
/// output: the gradient of the input, `[batch, height, width, channels]`.
pub(in crate::conv) fn input_gradient(
    set: Instructions,
    shape: &ConvShape,
    order: WeightOrder,
    weights: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let multiplier = shape.features / shape.channels;
    let repeated = per_feature(shape);
    let [height, width] = shape.output_size();
    assert_eq!(gradient.len(), shape.batch * height * width * shape.features);
    let of_repeated = match backward_convolution(&repeated) {
        Some(back) => by_convolution(set, &back, order, weights, gradient),
        None => by_addition(set, &repeated, order, weights, gradient),
    };
    if multiplier == 1 { of_repeated } else { add_channels(&of_repeated, multiplier) }
}

/// The convolution of the output's gradient that yields that of the input: at stride 1, with the
/// kernel rotated by 180 degrees.
fn backward_convolution(shape: &ConvShape) -> Option<ConvShape> {
    let [rows, columns] = shape.kernel;
    (shape.stride == 1 && rows == columns && shape.padding < rows).then(|| ConvShape {
        size: shape.output_size(),
        padding: rows - 1 - shape.padding,
        ..*shape
    })
}

fn by_convolution(
    set: Instructions,
    back: &ConvShape,
    order: WeightOrder,
    weights: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let epilogue = Epilogue::default();
    let positions = WindowLayout::new(back).positions(Order::Rows);
    let chunk = chunk_len(positions, back.batch, rayon::current_num_threads());
    let weights = pack_rotated(weights, back, order, set.lanes());
    let convolver = DepthwiseConvolver::with_packed(set, *back, epilogue, weights, chunk);
    let lens = ChunkLens { input: chunk * back.image_len(), output: chunk * convolver.outputs() };
    // SAFETY: convolving writes every number of the output.
    unsafe {
        filled(back.batch * convolver.outputs(), |of_input| {
            for_each_chunk(lens, gradient, of_input, &mut [], |gradient, of_input, _| {
                convolver.run(gradient, None, of_input, &mut []);
            });
        })
    }
}

/// Adds the weights, times the gradient of each position, to its window.
fn by_addition(
    set: Instructions,
    shape: &ConvShape,
    order: WeightOrder,
    weights: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let windows = WindowLayout::new(shape);
    let starts = windows.starts(1, Order::Rows);
    let offsets = tap_offsets(&windows, shape);
    let weights = pack(weights, shape, order, set.lanes());
    let fill = |of_input: &mut [MaybeUninit<f32>]| {
        of_input
            .par_chunks_mut(shape.image_len())
            .zip(gradient.par_chunks(starts.len() * shape.features))
            .for_each(|(of_image, gradient)| {
                with_scratch(|scratch| {
                    let image = scratch.images.take(windows.layout.image_len());
                    image.fill(0.0);
                    set.run(Task {
                        starts: &starts,
                        offsets: &offsets,
                        reach: windows.reach(),
                        weights: weights.as_slice(),
                        gradient,
                        features: shape.features,
                        image,
                    });
                    windows.layout.crop(image, of_image);
                });
            });
    };
    // SAFETY: every number of every image is written.
    unsafe { filled(shape.batch * shape.image_len(), fill) }
}

/// The work on one image.
struct Task<'a> {
    starts: &'a [u32],
    offsets: &'a [usize],
    /// Numbers from the start of a window to its end.
    reach: usize,
    /// `[tap][feature]`, in whole vectors.
    weights: &'a [f32],
    gradient: &'a [f32],
    features: usize,
    /// With padding; zeros at first.
    image: &'a mut [f32],
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { starts, offsets, reach, weights, gradient, features, image } = self;
        let width = features.next_multiple_of(S::F32_LANES);
        assert!(starts.iter().all(|start| *start as usize + reach <= image.len()));
        assert!(offsets.iter().all(|offset| offset + features <= reach));
        assert!(weights.len() >= offsets.len() * width);
        for (gradient, start) in gradient.chunks_exact(features).zip(starts) {
            for first in (0..features).step_by(S::F32_LANES) {
                let left = features - first;
                // SAFETY: `left` gradients follow; every window lies in the image, with `features`
                // numbers behind each offset, and the weights of every tap fill whole vectors, as
                // checked above.
                unsafe {
                    let gradient = load_first(simd, gradient[first..].as_ptr(), left);
                    let window = image.as_mut_ptr().add(*start as usize + first);
                    for (tap, offset) in offsets.iter().enumerate() {
                        let weight = load(simd, weights.as_ptr().add(tap * width + first));
                        let to = window.add(*offset);
                        let sum = load_first(simd, to, left);
                        let sum = multiply_add(simd, weight, gradient, sum);
                        store_first(simd, to, sum, left);
                    }
                }
            }
        }
    }
}
