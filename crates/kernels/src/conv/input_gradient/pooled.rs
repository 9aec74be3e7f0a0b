//! The gradient of the input of a convolution that a 2×2 max pool follows. Each nonzero gradient
//! adds a multiple of its feature's weights.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::pack::{SLACK, row_len};
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout};
use crate::epilogue::NO_GRADIENT;
use crate::memory::{Buffer, with_scratch, zeroed};
use crate::simd::{Instructions, load, multiply_add, store};

/// From the `gradient` and `argmax` of the pooled output, `[batch, height, width, features]`, and
/// weights packed by feature: the gradient of the input, `[batch, height, width, channels]`.
pub(crate) fn input_gradient(
    set: Instructions,
    shape: &ConvShape,
    gradient: &[f32],
    argmax: &[u8],
    weights: &Buffer,
    input_gradient: &mut [MaybeUninit<f32>],
) {
    let windows = WindowLayout::new(shape);
    let row_len = row_len(windows.run, set.lanes());
    let starts = windows.starts(1, Order::Pools);
    let outputs = starts.len() / 4 * shape.features;
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert_eq!(argmax.len(), gradient.len());
    assert_eq!(input_gradient.len(), shape.batch * shape.image_len());
    if outputs == 0 {
        zeroed(input_gradient);
        return;
    }
    let direct = shape.padding == 0 && windows.run == row_len;
    input_gradient
        .par_chunks_mut(shape.image_len())
        .zip(gradient.par_chunks(outputs).zip(argmax.par_chunks(outputs)))
        .for_each(|(image, (gradient, argmax))| {
            let run = |image: &mut [f32]| {
                set.run(AddWeights {
                    windows,
                    row_len,
                    starts: &starts,
                    gradient,
                    argmax,
                    weights: weights.as_slice(),
                    features: shape.features,
                    image,
                });
            };
            if direct {
                return run(zeroed(image));
            }
            with_scratch(|scratch| {
                let padded = scratch.images.take(windows.layout.image_len() + SLACK);
                padded.fill(0.0);
                run(padded);
                windows.layout.crop(padded, image);
            });
        });
}

/// Adds each nonzero gradient's weights to one image.
struct AddWeights<'a> {
    windows: WindowLayout,
    row_len: usize,
    starts: &'a [u32],
    gradient: &'a [f32],
    argmax: &'a [u8],
    /// `[feature, row, row_len]`.
    weights: &'a [f32],
    features: usize,
    /// With padding, and with room for a vector behind.
    image: &'a mut [f32],
}

/// The nonzero gradients of one pooling window, by the corner that holds the maximum: the gradient,
/// and where the weights of its feature start.
type ByCorner = [Vec<(f32, usize)>; 4];

impl WithSimd for AddWeights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let WindowLayout { rows, run, row_stride, .. } = self.windows;
        let reach = (rows - 1) * row_stride + self.row_len;
        assert!(self.starts.iter().all(|start| *start as usize + reach <= self.image.len()));
        assert!(self.weights.len() >= self.features * rows * self.row_len);
        let channels = self.windows.layout.channels;
        let patches = S::REGISTER_COUNT >= 32
            && (rows, run, self.windows.stride) == (3, 3 * channels, 1)
            && channels.is_multiple_of(S::F32_LANES);
        let mut by_corner: ByCorner = std::array::from_fn(|_| vec![(0.0, 0); self.features + 1]);
        let pools = self
            .gradient
            .chunks_exact(self.features)
            .zip(self.argmax.chunks_exact(self.features))
            .zip(self.starts.chunks_exact(4));
        for ((gradient, argmax), starts) in pools {
            let mut counts = [0; 4];
            let mut weights = 0;
            for (&value, &largest_at) in gradient.iter().zip(argmax) {
                // Without a branch, which would often be mispredicted: the next gradient overwrites
                // one that is zero.
                let corner = usize::from(largest_at % 4);
                by_corner[corner][counts[corner]] = (value, weights);
                counts[corner] += usize::from(largest_at < NO_GRADIENT && value != 0.0);
                weights += rows * self.row_len;
            }
            let by_corner: [&[(f32, usize)]; 4] =
                std::array::from_fn(|corner| &by_corner[corner][..counts[corner]]);
            if patches {
                for channel in (0..channels).step_by(S::F32_LANES) {
                    // SAFETY: the windows at `starts` lie in the image and the weights of every
                    // feature in `weights`, both checked above.
                    unsafe { self.add_patch(simd, by_corner, starts[0] as usize, channel) };
                }
            } else {
                for (by_corner, &start) in by_corner.iter().zip(starts) {
                    for &(value, weights) in *by_corner {
                        // SAFETY: as above.
                        unsafe { self.add_window(simd, value, weights, start as usize) };
                    }
                }
            }
        }
    }
}

impl AddWeights<'_> {
    /// Adds one nonzero gradient's weights to the window at `start`.
    ///
    /// # Safety
    /// A window of whole vectors must fit behind `start` in the image, and behind `weights` in the
    /// weights.
    #[inline(always)]
    unsafe fn add_window<S: Simd>(&mut self, simd: S, value: f32, weights: usize, start: usize) {
        let value = simd.splat_f32s(value);
        // SAFETY: the caller guarantees both.
        unsafe {
            let mut weights = self.weights.as_ptr().add(weights);
            let mut to = self.image.as_mut_ptr().add(start);
            for _ in 0..self.windows.rows {
                for offset in (0..self.row_len).step_by(S::F32_LANES) {
                    let to = to.add(offset);
                    let weight = load(simd, weights.add(offset));
                    store(simd, to, multiply_add(simd, value, weight, load(simd, to)));
                }
                weights = weights.add(self.row_len);
                to = to.add(self.windows.row_stride);
            }
        }
    }

    /// Adds all nonzero gradients of a pooling window to one vector of channels of the 4×4 patch that
    /// its four 3×3 windows cover; the sums stay in 16 registers.
    ///
    /// # Safety
    /// The four windows must lie in the image, and whole weights behind every offset in
    /// `by_corner`.
    #[inline(always)]
    unsafe fn add_patch<S: Simd>(
        &mut self,
        simd: S,
        by_corner: [&[(f32, usize)]; 4],
        start: usize,
        channel: usize,
    ) {
        let channels = self.windows.layout.channels;
        let mut patch = [[simd.splat_f32s(0.0); 4]; 4];
        // SAFETY: the caller guarantees image and weights.
        unsafe {
            let weights = self.weights.as_ptr().add(channel);
            let sizes = (self.row_len, channels);
            add_corner::<S, 0, 0>(simd, &mut patch, by_corner[0], weights, sizes);
            add_corner::<S, 0, 1>(simd, &mut patch, by_corner[1], weights, sizes);
            add_corner::<S, 1, 0>(simd, &mut patch, by_corner[2], weights, sizes);
            add_corner::<S, 1, 1>(simd, &mut patch, by_corner[3], weights, sizes);
            let mut to = self.image.as_mut_ptr().add(start + channel);
            for row in patch {
                for (column, sum) in row.into_iter().enumerate() {
                    let to = to.add(column * channels);
                    store(simd, to, simd.add_f32s(load(simd, to), sum));
                }
                to = to.add(self.windows.row_stride);
            }
        }
    }
}

/// Adds the 3×3 windows of some nonzero gradients to a patch, `DOWN` rows and `RIGHT` columns from its
/// corner.
///
/// # Safety
/// Whole weights must lie behind every offset in `by_corner`.
#[inline(always)]
unsafe fn add_corner<S: Simd, const DOWN: usize, const RIGHT: usize>(
    simd: S,
    patch: &mut [[S::f32s; 4]; 4],
    by_corner: &[(f32, usize)],
    weights: *const f32,
    (row_len, channels): (usize, usize),
) {
    let mut sums = *patch;
    for &(value, offset) in by_corner {
        let value = simd.splat_f32s(value);
        for row in 0..3 {
            for column in 0..3 {
                // SAFETY: the caller guarantees the weights.
                let weight =
                    unsafe { load(simd, weights.add(offset + row * row_len + column * channels)) };
                let sum = &mut sums[DOWN + row][RIGHT + column];
                *sum = multiply_add(simd, value, weight, *sum);
            }
        }
    }
    *patch = sums;
}
