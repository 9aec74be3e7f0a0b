//! The gradients of weights and bias of a convolution in small groups.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::layout::PlaneShape;
use crate::conv::pack::WeightOrder;
use crate::conv::shape::ConvShape;
use crate::conv::windows::Order;
use crate::memory::{Buffer, Scratch, with_scratch};
use crate::simd::{Instructions, load, load_first, multiply_add, store};

/// Images of a partial sum. Partial sums are added in the order of the images, so that the result
/// does not depend on the number of threads.
const IMAGES: usize = 4;

/// Taps that are summed at once: those of a 3×3 kernel.
const TAPS: usize = 9;

/// From `input`, `[batch, height, width, channels]`, and `gradient`, `[batch, height, width,
/// features]` of the output: the gradients of the weights, in the given `order`, and of the bias.
pub(in crate::conv) fn weight_gradient(
    set: Instructions,
    shape: &ConvShape,
    order: WeightOrder,
    input: &[f32],
    gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let planes = PlaneShape::new(shape);
    let (windows, offsets) = (planes.windows(), planes.offsets());
    let starts = windows.starts(1, Order::Rows);
    let outputs = starts.len() * shape.features;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(gradient.len(), shape.batch * outputs);
    let width = shape.features.next_multiple_of(set.lanes());
    let len = (offsets.len() + 1) * width;
    let mut sums = Buffer::zeros(len * shape.batch.div_ceil(IMAGES).max(1));
    input
        .par_chunks(IMAGES * shape.image_len())
        .zip(gradient.par_chunks(IMAGES * outputs))
        .zip(sums.as_mut_slice().par_chunks_mut(len))
        .for_each(|((input, gradient), sums)| {
            let images = input.chunks(shape.image_len()).zip(gradient.chunks(outputs));
            for (image, gradient) in images {
                with_scratch(|scratch| {
                    let Scratch { images: padded, values, .. } = scratch;
                    let image = planes.spread(image, values);
                    set.run(Task {
                        starts: &starts,
                        offsets: &offsets,
                        reach: windows.reach(),
                        image: windows.layout.padded(image, padded),
                        gradient,
                        features: shape.features,
                        sums,
                    });
                });
            }
        });
    let (total, partials) = sums.as_mut_slice().split_at_mut(len);
    for partial in partials.chunks_exact(len) {
        for (total, number) in total.iter_mut().zip(partial) {
            *total += number;
        }
    }
    let of_weights = planes.unpack(total, set.lanes(), order);
    (of_weights, total[offsets.len() * width..][..shape.features].to_vec())
}

/// The work on one image.
struct Task<'a> {
    starts: &'a [u32],
    offsets: &'a [usize],
    /// Numbers from the start of a window to its end.
    reach: usize,
    /// With padding.
    image: &'a [f32],
    gradient: &'a [f32],
    features: usize,
    /// `[tap][feature]`, in whole vectors, followed by the bias.
    sums: &'a mut [f32],
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let width = self.features.next_multiple_of(S::F32_LANES);
        assert!(self.starts.iter().all(|start| *start as usize + self.reach <= self.image.len()));
        assert!(self.offsets.iter().all(|offset| offset + self.features <= self.reach));
        assert!(self.sums.len() >= (self.offsets.len() + 1) * width);
        assert!(self.gradient.len() >= self.starts.len() * self.features);
        for first in (0..self.features).step_by(S::F32_LANES) {
            for tap in (0..self.offsets.len()).step_by(TAPS) {
                if self.features - first >= S::F32_LANES {
                    self.add::<S, true>(simd, first, tap);
                } else {
                    self.add::<S, false>(simd, first, tap);
                }
            }
        }
    }
}

impl Task<'_> {
    /// Adds the products of all positions to the sums of the taps from `tap` on, for the vector of
    /// features from `first` on, which is `WHOLE` or the last one. With the first taps, also adds
    /// the gradients to the bias.
    #[inline(always)]
    fn add<S: Simd, const WHOLE: bool>(&mut self, simd: S, first: usize, tap: usize) {
        let width = self.features.next_multiple_of(S::F32_LANES);
        let left = self.features - first;
        let taps = TAPS.min(self.offsets.len() - tap);
        // The sums of unused taps are computed and dropped.
        let mut offsets = [0; TAPS];
        offsets[..taps].copy_from_slice(&self.offsets[tap..tap + taps]);
        let mut sums = [simd.splat_f32s(0.0); TAPS];
        let mut bias = simd.splat_f32s(0.0);
        // SAFETY: the caller, `with_simd`, has checked that every window lies in the image, with
        // `features` numbers behind each offset, that `features` gradients belong to every window,
        // and that the sums hold whole vectors for every tap and the bias.
        unsafe {
            let numbers = |from: *const f32| {
                if WHOLE { load(simd, from) } else { load_first(simd, from, left) }
            };
            let to = self.sums.as_mut_ptr().add(first);
            let mut from = self.gradient.as_ptr().add(first);
            for start in self.starts {
                let gradient = numbers(from);
                let window = self.image.as_ptr().add(*start as usize + first);
                for (sum, offset) in sums.iter_mut().zip(offsets) {
                    *sum = multiply_add(simd, gradient, numbers(window.add(offset)), *sum);
                }
                bias = simd.add_f32s(bias, gradient);
                from = from.wrapping_add(self.features);
            }
            for (index, sum) in sums.into_iter().enumerate().take(taps) {
                let to = to.add((tap + index) * width);
                store(simd, to, simd.add_f32s(load(simd, to), sum));
            }
            if tap == 0 {
                let to = to.add(self.offsets.len() * width);
                store(simd, to, simd.add_f32s(load(simd, to), bias));
            }
        }
    }
}
