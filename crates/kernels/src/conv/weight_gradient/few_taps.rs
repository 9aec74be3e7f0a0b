//! The gradient of a convolution's weights where each feature has few of them. The sums of nine
//! taps over all positions stay in registers.
//!
//! The gradient of a pool belongs to the position of the window's maximum. It is expanded in
//! registers, to four gradients of which three are zero.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::micro_kernel::block_len;
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout};
use crate::epilogue::NO_GRADIENT;
use crate::memory::{Buffer, with_scratch};
use crate::simd::{Instructions, load_first, multiply_add, store};

/// Images of a partial sum. Partial sums are added in the order of the images, so that the result
/// does not depend on the number of threads.
const IMAGES: usize = 16;

/// Taps that are summed at once: those of a 3×3 kernel over one channel.
const TAPS: usize = 9;

/// Other algorithms are faster from this number of taps on.
const MOST_TAPS: usize = 64;

/// Whether the weights of a feature are few enough for this algorithm.
pub(crate) fn has_few_taps(shape: &ConvShape) -> bool {
    shape.taps() < MOST_TAPS
}

/// From `input`, `[batch, height, width, channels]`, and `gradient`, `[batch, height, width,
/// features]` of the output: the gradient of the weights, packed by tap, with the gradient of the
/// bias behind the taps of each block.
///
/// With `argmax`, `gradient` is that of the pooled output.
pub(crate) fn weight_gradient(
    set: Instructions,
    shape: &ConvShape,
    input: &[f32],
    gradient: &[f32],
    argmax: Option<&[u8]>,
) -> Buffer {
    let windows = WindowLayout::new(shape);
    let order = if argmax.is_some() { Order::Pools } else { Order::Rows };
    let pooled = if argmax.is_some() { 4 } else { 1 };
    let outputs = windows.positions(order) / pooled * shape.features;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert!(argmax.is_none_or(|argmax| argmax.len() == gradient.len()));
    let block = block_len(set.lanes());
    let len = shape.features.div_ceil(block) * (shape.taps() + 1) * block;
    let mut sums = Buffer::zeros(len * shape.batch.div_ceil(IMAGES));
    if gradient.is_empty() {
        return sums;
    }
    let starts = windows.starts(IMAGES.min(shape.batch), order);
    let offsets: Vec<usize> = (0..windows.rows)
        .flat_map(|row| (0..windows.run).map(move |number| row * windows.row_stride + number))
        .collect();
    input
        .par_chunks(IMAGES * shape.image_len())
        .zip(gradient.par_chunks(IMAGES * outputs))
        .zip(sums.as_mut_slice().par_chunks_mut(len))
        .enumerate()
        .for_each(|(index, ((input, gradient), sums))| {
            let first = index * IMAGES * outputs;
            with_scratch(|scratch| {
                set.run(Partial {
                    starts: &starts[..gradient.len() / shape.features * pooled],
                    offsets: &offsets,
                    reach: windows.reach(),
                    images: windows.layout.padded(input, &mut scratch.images),
                    gradient,
                    argmax: argmax.map(|argmax| &argmax[first..first + gradient.len()]),
                    features: shape.features,
                    sums,
                });
            });
        });
    let (total, partials) = sums.as_mut_slice().split_at_mut(len);
    for partial in partials.chunks_exact(len) {
        for (total, number) in total.iter_mut().zip(partial) {
            *total += number;
        }
    }
    sums
}

/// A chunk of images, for one thread.
struct Partial<'a> {
    /// Where the windows of all positions start; the four of a pooling window follow each other.
    starts: &'a [u32],
    /// Offsets of the taps from the start of a window.
    offsets: &'a [usize],
    /// Numbers from the start of a window to its end.
    reach: usize,
    /// With padding.
    images: &'a [f32],
    gradient: &'a [f32],
    argmax: Option<&'a [u8]>,
    features: usize,
    /// For each block of features `[tap][feature in block]`, followed by the bias. Zeros at first.
    sums: &'a mut [f32],
}

impl WithSimd for Partial<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        assert!(self.starts.iter().all(|start| *start as usize + self.reach <= self.images.len()));
        assert!(self.offsets.iter().all(|offset| *offset < self.reach));
        // With enough registers, two vectors of features share every number loaded.
        if S::REGISTER_COUNT >= 32 {
            self.run::<S, 2>(simd);
        } else {
            self.run::<S, 1>(simd);
        }
    }
}

impl Partial<'_> {
    #[inline(always)]
    fn run<S: Simd, const V: usize>(&mut self, simd: S) {
        for first in (0..self.features).step_by(V * S::F32_LANES) {
            for tap in (0..self.offsets.len()).step_by(TAPS) {
                if self.argmax.is_some() {
                    self.add::<S, V, 4>(simd, first, tap);
                } else {
                    self.add::<S, V, 1>(simd, first, tap);
                }
            }
        }
    }

    /// Sums up `V` vectors of features from `first` on, and the taps from `tap` on; each gradient
    /// belongs to one of `POOLED` positions.
    #[inline(always)]
    fn add<S: Simd, const V: usize, const POOLED: usize>(
        &mut self,
        simd: S,
        first: usize,
        tap: usize,
    ) {
        let Self { starts, images, gradient, argmax, features, .. } = *self;
        let zero = simd.splat_f32s(0.0);
        let taps = TAPS.min(self.offsets.len() - tap);
        let mut offsets = [0; TAPS];
        offsets[..taps].copy_from_slice(&self.offsets[tap..tap + taps]);
        let mut sums = [[zero; V]; TAPS];
        let mut bias = [zero; V];
        for (pool, starts) in starts.chunks_exact(POOLED).enumerate() {
            let row = pool * features + first;
            let mut values = [zero; V];
            let mut corners = [simd.splat_u32s(0); V];
            for v in 0..V {
                let left = features.saturating_sub(first + v * S::F32_LANES).min(S::F32_LANES);
                if left == 0 {
                    break;
                }
                let range = row + v * S::F32_LANES..row + v * S::F32_LANES + left;
                // SAFETY: `left` gradients were sliced.
                values[v] = unsafe { load_first(simd, gradient[range.clone()].as_ptr(), left) };
                if let Some(argmax) = argmax {
                    corners[v] = widened(simd, &argmax[range]);
                }
            }
            for (corner, start) in starts.iter().enumerate() {
                let mut here = values;
                if POOLED > 1 {
                    for v in 0..V {
                        let is_argmax = simd.equal_u32s(corners[v], simd.splat_u32s(corner as u32));
                        here[v] = simd.select_f32s(is_argmax, values[v], zero);
                    }
                }
                for v in 0..V {
                    bias[v] = simd.add_f32s(bias[v], here[v]);
                }
                for (tap, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: starts and offsets were checked by `with_simd`; unused offsets are 0.
                    let number = unsafe { *images.as_ptr().add(*start as usize).add(offsets[tap]) };
                    let number = simd.splat_f32s(number);
                    for v in 0..V {
                        sums[v] = multiply_add(simd, number, here[v], sums[v]);
                    }
                }
            }
        }
        let block = block_len(S::F32_LANES);
        let all = self.offsets.len();
        let of_block = &mut self.sums[first / block * (all + 1) * block..][..(all + 1) * block];
        let lane = first % block;
        for v in 0..V {
            let at = lane + v * S::F32_LANES;
            for (n, sums) in sums.iter().enumerate().take(taps) {
                // SAFETY: a block holds a whole vector behind `at` for every tap and the bias.
                unsafe { store(simd, of_block[(tap + n) * block + at..].as_mut_ptr(), sums[v]) };
            }
            // SAFETY: as above.
            unsafe { store(simd, of_block[all * block + at..].as_mut_ptr(), bias[v]) };
        }
    }
}

/// Bytes as a vector of integers, filled up with [`NO_GRADIENT`].
#[inline(always)]
fn widened<S: Simd>(simd: S, bytes: &[u8]) -> S::u32s {
    let mut wide = simd.splat_u32s(u32::from(NO_GRADIENT));
    // SAFETY: a vector of `u32` is as many of them, without padding.
    let lanes =
        unsafe { std::slice::from_raw_parts_mut((&raw mut wide).cast::<u32>(), S::F32_LANES) };
    if bytes.len() == S::F32_LANES {
        // The compiler knows this number of lanes.
        for (lane, byte) in lanes.iter_mut().zip(&bytes[..S::F32_LANES]) {
            *lane = u32::from(*byte);
        }
    } else {
        for (lane, byte) in lanes.iter_mut().zip(bytes) {
            *lane = u32::from(*byte);
        }
    }
    wide
}
