//! The gradient of the input of a convolution in small groups.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::forward::SmallGroupsConvolver;
use super::layout::PlaneShape;
use crate::conv::chunks::{ChunkLens, for_each_chunk};
use crate::conv::pack::WeightOrder;
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout, chunk_len};
use crate::epilogue::Epilogue;
use crate::memory::{Buffer, filled, with_scratch};
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
    let [height, width] = shape.output_size();
    assert_eq!(gradient.len(), shape.batch * height * width * shape.features);
    let planes = PlaneShape::new(shape);
    match planes.backward() {
        Some(backward) => {
            let weights = backward.pack_backward(weights, set.lanes(), order);
            by_convolution(set, backward, weights, gradient)
        }
        None => by_addition(set, planes, order, weights, gradient),
    }
}

/// Convolves the gradient of the output.
fn by_convolution(
    set: Instructions,
    backward: PlaneShape,
    weights: Buffer,
    gradient: &[f32],
) -> Vec<f32> {
    let shape = backward.shape;
    let positions = WindowLayout::new(&shape).positions(Order::Rows);
    let chunk = chunk_len(positions, shape.batch, rayon::current_num_threads());
    let epilogue = Epilogue::default();
    let convolver = SmallGroupsConvolver::with_packed(set, backward, epilogue, weights, chunk);
    let lens = ChunkLens { input: chunk * shape.image_len(), output: chunk * convolver.outputs() };
    // SAFETY: convolving writes every number of the output.
    unsafe {
        filled(shape.batch * convolver.outputs(), |of_input| {
            for_each_chunk(lens, gradient, of_input, &mut [], |gradient, of_input, _| {
                convolver.run(gradient, None, of_input, &mut []);
            });
        })
    }
}

/// Adds the weights, times the gradient of each position, to its window.
fn by_addition(
    set: Instructions,
    planes: PlaneShape,
    order: WeightOrder,
    weights: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let (shape, windows, offsets) = (planes.shape, planes.windows(), planes.offsets());
    let starts = windows.starts(1, Order::Rows);
    let weights = planes.pack(weights, set.lanes(), |of| order.index(of));
    let [height, width] = shape.size;
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
                    if planes.is_plain() {
                        windows.layout.crop(image, of_image);
                    } else {
                        // SAFETY: cropping writes a whole image.
                        let spread = unsafe {
                            filled(height * width * planes.width(), |spread| {
                                windows.layout.crop(image, spread);
                            })
                        };
                        of_image.write_copy_of_slice(&planes.gather(&spread));
                    }
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
