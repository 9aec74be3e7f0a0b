//! Gradients of a convolution that a ReLU and a 2×2 max pool follow.
//!
//! Of every pooling window only the winner has a gradient, and only if the ReLU let it through: at
//! most one position in four. Each live gradient adds a multiple of a window of the input to the
//! weights' gradient, and a multiple of its feature's weights to the input's.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::pack::{SLACK, row_len};
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, Windows};
use crate::epilogue::DEAD;
use crate::memory::{Buffer, Scratch, with_scratch};
use crate::simd::{Instructions, load, multiply_add, store};

/// Numbers of the input that should stay in a core's cache while all features are gone through.
const INPUT_AT_HAND: usize = 12_000;

/// The same for the gradients.
const GRADIENTS_AT_HAND: usize = 8_000;

/// From `input`, `[batch, height, width, channels]`, and the `gradient` and `winners` of the pooled
/// output, `[batch, height, width, features]`: the gradients of the weights, packed by feature, and
/// of the bias.
pub(crate) fn weight_gradient(
    set: Instructions,
    shape: &ConvShape,
    input: &[f32],
    gradient: &[f32],
    winners: &[u8],
) -> (Buffer, Vec<f32>) {
    let windows = Windows::new(shape);
    let row_len = row_len(windows.run, set.lanes());
    let weights = windows.rows * row_len;
    let mut packed = Buffer::zeros(shape.features * weights);
    let mut bias = vec![0.0; shape.features];
    let positions = windows.positions(Order::Pools);
    let outputs = positions / 4 * shape.features;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert_eq!(winners.len(), gradient.len());
    if gradient.is_empty() {
        return (packed, bias);
    }
    let group = (INPUT_AT_HAND / windows.frame.image_len())
        .min(GRADIENTS_AT_HAND / outputs)
        .clamp(1, shape.batch);
    let starts = windows.starts(group, Order::Pools);
    // Vectors that reach past the last window's end need room behind the input.
    let direct = shape.padding == 0 && windows.run == row_len;
    let share = shape.features.div_ceil(rayon::current_num_threads());
    packed.numbers_mut()[..shape.features * weights]
        .par_chunks_mut(share * weights)
        .zip(bias.par_chunks_mut(share))
        .enumerate()
        .for_each(|(index, (packed, bias))| {
            let images = input.chunks(group * shape.image_len());
            for ((input, gradient), winners) in
                images.zip(gradient.chunks(group * outputs)).zip(winners.chunks(group * outputs))
            {
                with_scratch(|scratch| {
                    let Scratch { images: padded, values, places } = scratch;
                    let images = if direct {
                        input
                    } else {
                        let len = input.len() / shape.image_len() * windows.frame.image_len();
                        let padded = padded.take(len + SLACK);
                        windows.frame.pad(input, &mut padded[..len]);
                        padded
                    };
                    let features = index * share..index * share + bias.len();
                    let lists = Lists { values, places, features, starts: &starts };
                    let live = lists.collect(gradient, winners, shape.features, bias);
                    set.run(AddWindows { windows, row_len, live, images, packed });
                });
            }
        });
    (packed, bias)
}

/// Where the live gradients of some features are collected.
struct Lists<'a> {
    values: &'a mut Buffer,
    places: &'a mut Vec<u32>,
    features: Range<usize>,
    starts: &'a [u32],
}

/// The live gradients of some features, feature by feature.
struct Live<'a> {
    /// `[feature, capacity]`.
    values: &'a [f32],
    /// Where their windows start: `[feature, capacity]`.
    places: &'a [u32],
    capacity: usize,
    /// How many there are of each feature.
    counts: Vec<usize>,
}

impl<'a> Lists<'a> {
    /// Sorts the live gradients by feature, and adds them to `bias`.
    fn collect(
        self,
        gradient: &[f32],
        winners: &[u8],
        features: usize,
        bias: &mut [f32],
    ) -> Live<'a> {
        let Self { values, places, features: range, starts } = self;
        let capacity = gradient.len() / features;
        let values = values.take(range.len() * capacity);
        if places.len() < range.len() * capacity {
            places.resize(range.len() * capacity, 0);
        }
        let mut ends: Vec<usize> = (0..range.len()).map(|feature| feature * capacity).collect();
        let pools = gradient.chunks_exact(features).zip(winners.chunks_exact(features));
        for ((gradient, winners), starts) in pools.zip(starts.chunks_exact(4)) {
            let gradient = &gradient[range.clone()];
            let winners = &winners[range.clone()];
            let bias = &mut bias[..gradient.len()];
            for (((&value, &winner), end), bias) in
                gradient.iter().zip(winners).zip(&mut ends).zip(bias)
            {
                // Written without a branch, which would be mispredicted every other time: a dead
                // gradient is overwritten by the next.
                let live = winner < DEAD && value != 0.0;
                values[*end] = value;
                places[*end] = starts[usize::from(winner % 4)];
                *bias += if live { value } else { 0.0 };
                *end += usize::from(live);
            }
        }
        let counts = ends.iter().enumerate().map(|(index, end)| end - index * capacity).collect();
        Live { values, places, capacity, counts }
    }
}

/// Adds to the weights' gradients the windows that live gradients point to.
struct AddWindows<'a> {
    windows: Windows,
    row_len: usize,
    live: Live<'a>,
    /// With padding, and with room for a vector behind.
    images: &'a [f32],
    /// `[feature, row, row_len]`.
    packed: &'a mut [f32],
}

impl WithSimd for AddWindows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { windows: Windows { rows, row_stride, .. }, row_len, live, images, packed } =
            self;
        let vectors = row_len / S::F32_LANES;
        let reach = (rows - 1) * row_stride + row_len;
        for (feature, (packed, &count)) in
            packed.chunks_exact_mut(rows * row_len).zip(&live.counts).enumerate()
        {
            let at = feature * live.capacity;
            let values = &live.values[at..at + count];
            let places = &live.places[at..at + count];
            assert!(places.iter().all(|place| *place as usize + reach <= images.len()));
            let list = Entries { values, places, images: images.as_ptr(), row_stride };
            let _ = match (rows, vectors, S::REGISTER_COUNT) {
                (3, 1, _) => list.add::<S, 3, 1, 3>(simd, 0, packed),
                (3, 2, _) => list.add::<S, 3, 2, 2>(simd, 0, packed),
                (3, 3, _) => list.add::<S, 3, 3, 1>(simd, 0, packed),
                (3, 4, _) => list.add::<S, 3, 4, 1>(simd, 0, packed),
                (3, 6, 32..) => list.add::<S, 3, 6, 1>(simd, 0, packed),
                (5, 1, _) => list.add::<S, 5, 1, 2>(simd, 0, packed),
                (5, 2, _) => list.add::<S, 5, 2, 1>(simd, 0, packed),
                (5, 3, 32..) => list.add::<S, 5, 3, 1>(simd, 0, packed),
                (5, 4, 32..) => list.add::<S, 5, 4, 1>(simd, 0, packed),
                _ => {
                    for (row, packed) in packed.chunks_exact_mut(row_len).enumerate() {
                        list.add_row(simd, row * row_stride, packed);
                    }
                    rows * vectors
                }
            };
        }
    }
}

/// The live gradients of one feature.
struct Entries<'a> {
    values: &'a [f32],
    /// From each, a whole window of vectors is readable in `images`.
    places: &'a [u32],
    images: *const f32,
    row_stride: usize,
}

impl Entries<'_> {
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
    /// are summed up side by side, so that no addition waits for the one before it. Returns `R · V`.
    #[inline(always)]
    fn add<S: Simd, const R: usize, const V: usize, const U: usize>(
        &self,
        simd: S,
        offset: usize,
        packed: &mut [f32],
    ) -> usize {
        assert!(packed.len() >= R * V * S::F32_LANES);
        assert!(self.values.len() == self.places.len());
        let mut acc = [[[simd.splat_f32s(0.0); V]; R]; U];
        // SAFETY: whole windows are readable from every place, and `packed` holds `R · V` vectors.
        unsafe {
            let window = |entry: usize, row: usize, v: usize| {
                let place = *self.places.get_unchecked(entry) as usize;
                self.images.add(place + offset + row * self.row_stride + v * S::F32_LANES)
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
