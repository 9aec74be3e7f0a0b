//! The gradient of a convolution's weights and bias, from gradients at all positions.
//!
//! Threads divide the weights, not the images, so that every sum has the same order whatever the
//! number of threads.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::micro_kernel::block_len;
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout, chunk_len};
use crate::memory::{Buffer, with_scratch};
use crate::simd::{Instructions, load, multiply_add, store};

/// From `input`, `[batch, height, width, channels]`, and `gradient`, `[batch, height, width,
/// features]` of the output: the gradient of the weights, packed by tap, with the gradient of the
/// bias behind the taps of each block.
pub(crate) fn weight_gradient(
    set: Instructions,
    shape: &ConvShape,
    input: &[f32],
    gradient: &[f32],
) -> Buffer {
    let windows = WindowLayout::new(shape);
    let block = block_len(set.lanes());
    let taps = shape.taps();
    let mut packed = Buffer::zeros(shape.features.div_ceil(block) * (taps + 1) * block);
    let positions = windows.positions(Order::Rows);
    let outputs = positions * shape.features;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(gradient.len(), shape.batch * outputs);
    if gradient.is_empty() {
        return packed;
    }
    let mut tiles = Vec::new();
    let mut rest = packed.as_mut_slice();
    for first in (0..shape.features).step_by(block) {
        for row in 0..windows.rows {
            let mut column = 0;
            while column < windows.run {
                let numbers = tile_len(set.registers(), windows.run - column);
                let (sums, behind) = std::mem::take(&mut rest).split_at_mut(numbers * block);
                rest = behind;
                let offset = row * windows.row_stride + column;
                tiles.push(RegisterTile { first, offset, numbers, sums, bias: &mut [] });
                column += numbers;
            }
        }
        let (bias, behind) = std::mem::take(&mut rest).split_at_mut(block);
        rest = behind;
        if let Some(tile) = tiles.last_mut() {
            tile.bias = bias;
        }
    }
    let chunk = chunk_len(positions, shape.batch, 1);
    let starts = windows.starts(chunk, Order::Rows);
    let share = tiles.len().div_ceil(rayon::current_num_threads());
    tiles.par_chunks_mut(share).for_each(|tiles| {
        let chunks = input.chunks(chunk * shape.image_len()).zip(gradient.chunks(chunk * outputs));
        for (input, gradient) in chunks {
            let starts = &starts[..gradient.len() / outputs * positions];
            with_scratch(|scratch| {
                set.run(Chunk {
                    starts,
                    images: windows.layout.padded(input, &mut scratch.images),
                    gradient,
                    buffer: &mut scratch.values,
                    features: shape.features,
                    reach: windows.reach(),
                    tiles,
                });
            });
        }
    });
    packed
}

/// Rows of the largest register tile that `registers` allow and `numbers` fill.
#[inline(always)]
pub(crate) fn tile_len(registers: usize, numbers: usize) -> usize {
    let most = if registers >= 32 { 12 } else { 6 };
    [12, 8, 6, 4, 3, 2].into_iter().find(|len| *len <= numbers.min(most)).unwrap_or(1)
}

/// Gradients, each row padded with zeros to whole vectors: `[position, width]`.
#[inline(always)]
fn padded<'a>(
    gradient: &[f32],
    features: usize,
    width: usize,
    buffer: &'a mut Buffer,
) -> &'a [f32] {
    let rows = gradient.chunks_exact(features);
    let padded = buffer.take(rows.len() * width);
    for (row, padded) in rows.zip(padded.chunks_exact_mut(width)) {
        padded[..features].copy_from_slice(row);
        padded[features..].fill(0.0);
    }
    padded
}

/// Sums in registers: the products of some adjacent numbers of the window with a block of features,
/// over all positions.
pub(crate) struct RegisterTile<'a> {
    /// First feature.
    pub first: usize,
    /// Offset of the first number from the start of a window.
    pub offset: usize,
    pub numbers: usize,
    /// `[numbers, block]`.
    pub sums: &'a mut [f32],
    /// Sums of the gradients alone, `[block]`; empty in all but one tile of a block.
    pub bias: &'a mut [f32],
}

/// A chunk of images and some tiles, for one thread.
struct Chunk<'a, 'b> {
    starts: &'a [u32],
    /// With padding.
    images: &'a [f32],
    gradient: &'a [f32],
    /// Holds gradients that do not come in whole vectors.
    buffer: &'a mut Buffer,
    features: usize,
    /// Numbers from the start of a window to its end.
    reach: usize,
    tiles: &'a mut [RegisterTile<'b>],
}

impl WithSimd for Chunk<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { starts, images, gradient, buffer, features, reach, tiles } = self;
        let width = features.next_multiple_of(S::F32_LANES);
        let gradient =
            if width > features { padded(gradient, features, width, buffer) } else { gradient };
        let gradients = TileInputs::new(starts, reach, images, gradient, width);
        for tile in tiles {
            tile.add(simd, &gradients);
        }
    }
}

/// The factors of a tile's products: windows, and the gradients of each.
#[derive(Clone, Copy)]
pub(crate) struct TileInputs<'a> {
    starts: &'a [u32],
    reach: usize,
    images: &'a [f32],
    gradient: &'a [f32],
    width: usize,
}

impl<'a> TileInputs<'a> {
    /// Windows of `reach` numbers at the given starts in `images`, and `width` gradients for each.
    pub fn new(
        starts: &'a [u32],
        reach: usize,
        images: &'a [f32],
        gradient: &'a [f32],
        width: usize,
    ) -> Self {
        assert!(gradient.len() >= starts.len() * width);
        assert!(starts.iter().all(|start| *start as usize + reach <= images.len()));
        Self { starts, reach, images, gradient, width }
    }

    /// Numbers from the start of a window to its end.
    pub fn reach(&self) -> usize {
        self.reach
    }
}

impl RegisterTile<'_> {
    /// Adds the products at all positions. Gradients must come in whole vectors.
    #[inline(always)]
    pub fn add<S: Simd>(&mut self, simd: S, gradients: &TileInputs<'_>) {
        let width = gradients.width;
        assert!(self.offset + self.numbers <= gradients.reach);
        assert!(self.first < width && width.is_multiple_of(S::F32_LANES));
        assert!(self.bias.is_empty() || self.bias.len() >= block_len(S::F32_LANES));
        if width - self.first > S::F32_LANES {
            self.add_features::<S, 2>(simd, gradients);
        } else {
            self.add_features::<S, 1>(simd, gradients);
        }
    }

    /// Does the same for as many features as `V` vectors hold.
    #[inline(always)]
    fn add_features<S: Simd, const V: usize>(&mut self, simd: S, gradients: &TileInputs<'_>) {
        match self.numbers {
            12 => self.add_numbers::<S, 12, V>(simd, gradients),
            8 => self.add_numbers::<S, 8, V>(simd, gradients),
            6 => self.add_numbers::<S, 6, V>(simd, gradients),
            4 => self.add_numbers::<S, 4, V>(simd, gradients),
            3 => self.add_numbers::<S, 3, V>(simd, gradients),
            2 => self.add_numbers::<S, 2, V>(simd, gradients),
            _ => self.add_numbers::<S, 1, V>(simd, gradients),
        }
        if self.bias.is_empty() {
            return;
        }
        let TileInputs { starts, gradient, width, .. } = *gradients;
        let bias: [_; V] = std::array::from_fn(|v| &raw mut self.bias[v * S::F32_LANES]);
        // SAFETY: `bias` has room for a block, of at least `V` vectors; each position's gradients
        // reach `V` vectors from the first feature on, as `add` and `TileInputs` have checked.
        unsafe {
            let mut sums: [S::f32s; V] = std::array::from_fn(|v| load(simd, bias[v]));
            for position in 0..starts.len() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    let at = position * width + self.first + v * S::F32_LANES;
                    let from = gradient.as_ptr().add(at);
                    *sum = simd.add_f32s(*sum, load(simd, from));
                }
            }
            for (to, sum) in bias.into_iter().zip(sums) {
                store(simd, to, sum);
            }
        }
    }

    #[inline(always)]
    fn add_numbers<S: Simd, const N: usize, const V: usize>(
        &mut self,
        simd: S,
        gradients: &TileInputs<'_>,
    ) {
        let TileInputs { starts, images, gradient, width, .. } = *gradients;
        let block = block_len(S::F32_LANES);
        assert!(self.sums.len() >= N * block);
        // SAFETY: `sums` was checked just now; windows and gradients were by `add` and `TileInputs`.
        unsafe {
            let sums = self.sums.as_mut_ptr();
            let mut acc = [[simd.splat_f32s(0.0); V]; N];
            for (n, acc) in acc.iter_mut().enumerate() {
                for (v, acc) in acc.iter_mut().enumerate() {
                    *acc = load(simd, sums.add(n * block + v * S::F32_LANES));
                }
            }
            let mut from = gradient.as_ptr().add(self.first);
            for start in starts {
                let numbers = images.as_ptr().add(*start as usize + self.offset);
                let mut factors = [simd.splat_f32s(0.0); V];
                for (v, factor) in factors.iter_mut().enumerate() {
                    *factor = load(simd, from.add(v * S::F32_LANES));
                }
                from = from.add(width);
                for (n, acc) in acc.iter_mut().enumerate() {
                    let number = simd.splat_f32s(*numbers.add(n));
                    for (acc, factor) in acc.iter_mut().zip(factors) {
                        *acc = multiply_add(simd, number, factor, *acc);
                    }
                }
            }
            for (n, acc) in acc.iter().enumerate() {
                for (v, acc) in acc.iter().enumerate() {
                    store(simd, sums.add(n * block + v * S::F32_LANES), *acc);
                }
            }
        }
    }
}
