//! The gradient of a convolution's input from gradients at all positions, for any stride and
//! padding.
//!
//! For every position in the kernel, one matrix product of gradients and weights is added to a
//! padded image.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::micro_kernel::{block_len, multiply};
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout, chunk_len};
use crate::memory::{Buffer, with_scratch, zeroed};
use crate::simd::{Instructions, load_first, store_first};

/// From `gradient`, `[batch, height, width, features]` of the output, and weights packed by kernel
/// position, the gradient of the input: `[batch, height, width, channels]`.
pub(crate) fn input_gradient(
    set: Instructions,
    shape: &ConvShape,
    gradient: &[f32],
    weights: &Buffer,
    input_gradient: &mut [MaybeUninit<f32>],
) {
    let windows = WindowLayout::new(shape);
    let positions = windows.positions(Order::Rows);
    let outputs = positions * shape.features;
    let chunk = chunk_len(positions, shape.batch, rayon::current_num_threads());
    let starts = windows.starts(chunk, Order::Rows);
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert_eq!(input_gradient.len(), shape.batch * shape.image_len());
    gradient
        .par_chunks(chunk * outputs)
        .zip(input_gradient.par_chunks_mut(chunk * shape.image_len()))
        .for_each(|(gradient, input_gradient)| {
            let images = gradient.len() / outputs;
            let starts = &starts[..images * positions];
            let run = |images: &mut [f32]| {
                let weights = weights.as_slice();
                let ConvShape { channels, features, kernel, .. } = *shape;
                set.run(Chunk {
                    windows,
                    starts,
                    gradient,
                    weights,
                    channels,
                    features,
                    kernel,
                    images,
                });
            };
            if shape.padding == 0 {
                return run(zeroed(input_gradient));
            }
            with_scratch(|scratch| {
                let padded = scratch.images.take(images * windows.layout.image_len());
                padded.fill(0.0);
                run(padded);
                for (padded, image) in padded
                    .chunks_exact(windows.layout.image_len())
                    .zip(input_gradient.chunks_exact_mut(shape.image_len()))
                {
                    windows.layout.crop(padded, image);
                }
            });
        });
}

/// A chunk of images, for one thread.
struct Chunk<'a> {
    windows: WindowLayout,
    starts: &'a [u32],
    gradient: &'a [f32],
    weights: &'a [f32],
    channels: usize,
    features: usize,
    kernel: [usize; 2],
    /// With padding; zeros at first.
    images: &'a mut [f32],
}

impl WithSimd for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let block = block_len(S::F32_LANES);
        let blocks = self.channels.div_ceil(block);
        for row in 0..self.kernel[0] {
            for column in 0..self.kernel[1] {
                let kernel_position = row * self.kernel[1] + column;
                let offset = row * self.windows.row_stride + column * self.channels;
                for index in 0..blocks {
                    let first = index * block;
                    let weights = (kernel_position * blocks + index) * self.features * block;
                    let narrow = self.channels - first <= S::F32_LANES;
                    match (S::REGISTER_COUNT >= 32, narrow) {
                        (true, false) => self.add::<S, 12, 2>(simd, offset, first, weights),
                        (true, true) => self.add::<S, 12, 1>(simd, offset, first, weights),
                        (false, false) => self.add::<S, 6, 2>(simd, offset, first, weights),
                        (false, true) => self.add::<S, 6, 1>(simd, offset, first, weights),
                    }
                }
            }
        }
    }
}

impl Chunk<'_> {
    /// Adds the products of all gradients with the weights at one position of the kernel, for the
    /// channels from `first` on.
    #[inline(always)]
    fn add<S: Simd, const P: usize, const V: usize>(
        &mut self,
        simd: S,
        offset: usize,
        first: usize,
        weights: usize,
    ) {
        let weights = &self.weights[weights..][..self.features * block_len(S::F32_LANES)];
        let left = self.channels - first;
        let last = self.starts.len() - 1;
        let mut position = 0;
        while position <= last {
            let gradients: [*const f32; P] = std::array::from_fn(|p| {
                let at = (position + p).min(last) * self.features;
                self.gradient[at..at + self.features].as_ptr()
            });
            let mut sums = [[simd.splat_f32s(0.0); V]; P];
            // SAFETY: `features` gradients follow each pointer and the weights are a block for
            // each of them, both checked by slicing.
            unsafe {
                let shape = [1, self.features];
                multiply::<S, P, V>(simd, gradients, shape, 0, weights.as_ptr(), &mut sums);
            }
            for (p, sums) in sums.iter().enumerate() {
                if position + p > last {
                    break;
                }
                let at = self.starts[position + p] as usize + offset + first;
                let out = &mut self.images[at..at + left];
                for (v, &sum) in sums.iter().enumerate() {
                    let done = v * S::F32_LANES;
                    if done < left {
                        // SAFETY: `left - done` numbers follow in `out`.
                        unsafe {
                            let out = out.as_mut_ptr().add(done);
                            let before = load_first(simd, out, left - done);
                            store_first(simd, out, simd.add_f32s(before, sum), left - done);
                        }
                    }
                }
            }
            position += P;
        }
    }
}
