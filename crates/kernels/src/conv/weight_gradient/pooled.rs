//! The gradients of the weights of a convolution that a 2×2 max pool follows.
//!
//! Of the four positions of a pooling window only that of the maximum has a gradient, and none if
//! the ReLU is zero there. Each nonzero gradient adds a multiple of a window of the input.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::pack::{SLACK, row_len};
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout};
use crate::epilogue::NO_GRADIENT;
use crate::memory::{Buffer, Scratch, with_scratch};
use crate::simd::{Instructions, load, multiply_add, store};

/// Numbers of the input that stay in a core's cache while the loop passes over all features.
const INPUT_IN_CACHE: usize = 12_000;

/// Numbers of the gradient that stay in the cache with them.
const GRADIENTS_IN_CACHE: usize = 8_000;

/// From `input`, `[batch, height, width, channels]`, and the `gradient` and `argmax` of the pooled
/// output, `[batch, height, width, features]`: the gradients of the weights, packed by feature, and
/// of the bias.
pub(crate) fn weight_gradient(
    set: Instructions,
    shape: &ConvShape,
    input: &[f32],
    gradient: &[f32],
    argmax: &[u8],
) -> (Buffer, Vec<f32>) {
    let windows = WindowLayout::new(shape);
    let row_len = row_len(windows.run, set.lanes());
    let weights = windows.rows * row_len;
    let mut packed = Buffer::zeros(shape.features * weights);
    let mut bias = vec![0.0; shape.features];
    let positions = windows.positions(Order::Pools);
    let outputs = positions / 4 * shape.features;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert_eq!(argmax.len(), gradient.len());
    if gradient.is_empty() {
        return (packed, bias);
    }
    let chunk = (INPUT_IN_CACHE / windows.layout.image_len())
        .min(GRADIENTS_IN_CACHE / outputs)
        .clamp(1, shape.batch);
    let starts = windows.starts(chunk, Order::Pools);
    // Vectors that reach past the last window's end need room behind the input.
    let direct = shape.padding == 0 && windows.run == row_len;
    let share = shape.features.div_ceil(rayon::current_num_threads());
    packed.as_mut_slice()[..shape.features * weights]
        .par_chunks_mut(share * weights)
        .zip(bias.par_chunks_mut(share))
        .enumerate()
        .for_each(|(index, (packed, bias))| {
            let images = input.chunks(chunk * shape.image_len());
            for ((input, gradient), argmax) in
                images.zip(gradient.chunks(chunk * outputs)).zip(argmax.chunks(chunk * outputs))
            {
                with_scratch(|scratch| {
                    let Scratch { images: padded, values, starts: window_starts } = scratch;
                    let images = if direct {
                        input
                    } else {
                        let len = input.len() / shape.image_len() * windows.layout.image_len();
                        let padded = padded.take(len + SLACK);
                        windows.layout.pad(input, &mut padded[..len]);
                        padded
                    };
                    let features = index * share..index * share + bias.len();
                    let collector = Collector { values, window_starts, features, starts: &starts };
                    let nonzero = collector.collect(gradient, argmax, shape.features, bias);
                    set.run(AddWindows { windows, row_len, nonzero, images, packed });
                });
            }
        });
    (packed, bias)
}

/// Where the nonzero gradients of some features are collected.
struct Collector<'a> {
    values: &'a mut Buffer,
    window_starts: &'a mut Vec<u32>,
    features: Range<usize>,
    starts: &'a [u32],
}

/// The nonzero gradients of some features, feature by feature.
struct NonzeroGradients<'a> {
    /// `[feature, capacity]`.
    values: &'a [f32],
    /// Where their windows start: `[feature, capacity]`.
    window_starts: &'a [u32],
    capacity: usize,
    /// How many there are of each feature.
    counts: Vec<usize>,
}

impl<'a> Collector<'a> {
    /// Sorts the nonzero gradients by feature, and adds them to `bias`.
    fn collect(
        self,
        gradient: &[f32],
        argmax: &[u8],
        features: usize,
        bias: &mut [f32],
    ) -> NonzeroGradients<'a> {
        let Self { values, window_starts, features: range, starts } = self;
        let capacity = gradient.len() / features;
        let values = values.take(range.len() * capacity);
        if window_starts.len() < range.len() * capacity {
            window_starts.resize(range.len() * capacity, 0);
        }
        let mut ends: Vec<usize> = (0..range.len()).map(|feature| feature * capacity).collect();
        let pools = gradient.chunks_exact(features).zip(argmax.chunks_exact(features));
        for ((gradient, argmax), starts) in pools.zip(starts.chunks_exact(4)) {
            let gradient = &gradient[range.clone()];
            let argmax = &argmax[range.clone()];
            let bias = &mut bias[..gradient.len()];
            for (((&value, &largest_at), end), bias) in
                gradient.iter().zip(argmax).zip(&mut ends).zip(bias)
            {
                // Without a branch, which would often be mispredicted: the next gradient overwrites
                // one that is zero.
                let nonzero = largest_at < NO_GRADIENT && value != 0.0;
                values[*end] = value;
                window_starts[*end] = starts[usize::from(largest_at % 4)];
                *bias += if nonzero { value } else { 0.0 };
                *end += usize::from(nonzero);
            }
        }
        let counts = ends.iter().enumerate().map(|(index, end)| end - index * capacity).collect();
        NonzeroGradients { values, window_starts, capacity, counts }
    }
}

/// Adds to the weights' gradients the windows that nonzero gradients point to.
struct AddWindows<'a> {
    windows: WindowLayout,
    row_len: usize,
    nonzero: NonzeroGradients<'a>,
    /// With padding, and with room for a vector behind.
    images: &'a [f32],
    /// `[feature, row, row_len]`.
    packed: &'a mut [f32],
}

impl WithSimd for AddWindows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            windows: WindowLayout { rows, row_stride, .. },
            row_len,
            nonzero,
            images,
            packed,
        } = self;
        let vectors = row_len / S::F32_LANES;
        let reach = (rows - 1) * row_stride + row_len;
        for (feature, (packed, &count)) in
            packed.chunks_exact_mut(rows * row_len).zip(&nonzero.counts).enumerate()
        {
            let at = feature * nonzero.capacity;
            let values = &nonzero.values[at..at + count];
            let window_starts = &nonzero.window_starts[at..at + count];
            assert!(window_starts.iter().all(|start| *start as usize + reach <= images.len()));
            let gradients =
                FeatureGradients { values, window_starts, images: images.as_ptr(), row_stride };
            let _ = match (rows, vectors, S::REGISTER_COUNT) {
                (3, 1, _) => gradients.add::<S, 3, 1, 3>(simd, 0, packed),
                (3, 2, _) => gradients.add::<S, 3, 2, 2>(simd, 0, packed),
                (3, 3, _) => gradients.add::<S, 3, 3, 1>(simd, 0, packed),
                (3, 4, _) => gradients.add::<S, 3, 4, 1>(simd, 0, packed),
                (3, 6, 32..) => gradients.add::<S, 3, 6, 1>(simd, 0, packed),
                (5, 1, _) => gradients.add::<S, 5, 1, 2>(simd, 0, packed),
                (5, 2, _) => gradients.add::<S, 5, 2, 1>(simd, 0, packed),
                (5, 3, 32..) => gradients.add::<S, 5, 3, 1>(simd, 0, packed),
                (5, 4, 32..) => gradients.add::<S, 5, 4, 1>(simd, 0, packed),
                _ => {
                    for (row, packed) in packed.chunks_exact_mut(row_len).enumerate() {
                        gradients.add_row(simd, row * row_stride, packed);
                    }
                    rows * vectors
                }
            };
        }
    }
}

/// The nonzero gradients of one feature.
struct FeatureGradients<'a> {
    values: &'a [f32],
    /// From each, a whole window of vectors is readable in `images`.
    window_starts: &'a [u32],
    images: *const f32,
    row_stride: usize,
}

impl FeatureGradients<'_> {
    /// Adds the row of the windows that starts `offset` numbers after their start to `packed`.
    #[inline(always)]
    fn add_row<S: Simd>(&self, simd: S, offset: usize, packed: &mut [f32]) {
        let mut done = 0;
        while done < packed.len() {
            let (offset, packed) = (offset + done, &mut packed[done..]);
            done += S::F32_LANES
                * match packed.len() / S::F32_LANES {
                    1 => self.add::<S, 1, 1, 8>(simd, offset, packed),
                    2 => self.add::<S, 1, 2, 4>(simd, offset, packed),
                    3 => self.add::<S, 1, 3, 3>(simd, offset, packed),
                    4 | 5 => self.add::<S, 1, 4, 2>(simd, offset, packed),
                    _ => self.add::<S, 1, 6, 2>(simd, offset, packed),
                };
        }
    }

    /// Adds `R` rows of `V` vectors of all windows, `offset` numbers after their start. `U` windows
    /// are summed in separate registers, so that no addition waits for the one before it. Returns
    /// `R · V`.
    #[inline(always)]
    fn add<S: Simd, const R: usize, const V: usize, const U: usize>(
        &self,
        simd: S,
        offset: usize,
        packed: &mut [f32],
    ) -> usize {
        assert!(packed.len() >= R * V * S::F32_LANES);
        assert!(self.values.len() == self.window_starts.len());
        let mut acc = [[[simd.splat_f32s(0.0); V]; R]; U];
        // SAFETY: whole windows are readable from every start, and `packed` holds `R · V` vectors.
        unsafe {
            let window = |entry: usize, row: usize, v: usize| {
                let start = *self.window_starts.get_unchecked(entry) as usize;
                self.images.add(start + offset + row * self.row_stride + v * S::F32_LANES)
            };
            let mut entry = 0;
            while entry + U <= self.values.len() {
                for (u, acc) in acc.iter_mut().enumerate() {
                    let value = simd.splat_f32s(*self.values.get_unchecked(entry + u));
                    for (row, acc) in acc.iter_mut().enumerate() {
                        for (v, acc) in acc.iter_mut().enumerate() {
                            let numbers = load(simd, window(entry + u, row, v));
                            *acc = multiply_add(simd, value, numbers, *acc);
                        }
                    }
                }
                entry += U;
            }
            while entry < self.values.len() {
                let value = simd.splat_f32s(*self.values.get_unchecked(entry));
                for (row, acc) in acc[0].iter_mut().enumerate() {
                    for (v, acc) in acc.iter_mut().enumerate() {
                        let numbers = load(simd, window(entry, row, v));
                        *acc = multiply_add(simd, value, numbers, *acc);
                    }
                }
                entry += 1;
            }
            for row in 0..R {
                for v in 0..V {
                    let to = packed.as_mut_ptr().add((row * V + v) * S::F32_LANES);
                    let mut sum = load(simd, to);
                    for acc in &acc {
                        sum = simd.add_f32s(sum, acc[row][v]);
                    }
                    store(simd, to, sum);
                }
            }
        }
        R * V
    }
}
