//! The convolution forward.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::tiling::{ELEMENTS, Tiling, element_stride};
use crate::conv::finish::{finish_pool, relu, write};
use crate::conv::micro_kernel::{block_len, multiply};
use crate::conv::shape::ConvShape;
use crate::epilogue::Epilogue;
use crate::memory::Scratch;
use crate::simd::{Instructions, load, load_first, store};

/// Tiles that are transformed together.
const TILES: usize = 12;

/// Whether Winograd's algorithm is faster than the plain sums. The transformations cost about as
/// much as 16 channels, and outputs that fill their tiles badly save little.
pub(crate) fn is_profitable(set: Instructions, shape: &ConvShape, epilogue: Epilogue) -> bool {
    let [height, width] = shape.output_size();
    let [down, right] = Tiling::new(shape, epilogue).tiles;
    let saves = 2 * 9 * height * width >= 3 * ELEMENTS * down * right;
    shape.kernel == [3, 3]
        && shape.stride == 1
        && set != Instructions::Portable
        && shape.channels.is_multiple_of(set.lanes())
        && shape.channels >= 32
        && shape.features >= 32
        && saves
}

impl Tiling {
    /// Convolves some images. Returns whether the output is finite everywhere.
    #[allow(clippy::too_many_arguments)]
    pub fn run(
        &self,
        set: Instructions,
        scratch: &mut Scratch,
        input: &[f32],
        weights: &[f32],
        bias: Option<&[f32]>,
        output: &mut [MaybeUninit<f32>],
        argmax: &mut [MaybeUninit<u8>],
    ) -> bool {
        let padded = self.layout.padded(input, &mut scratch.images);
        let block = block_len(set.lanes());
        let patches = ELEMENTS * element_stride(TILES, self.shape.channels);
        let products = ELEMENTS * TILES * block;
        let (patches, products) = scratch.values.take(patches + products).split_at_mut(patches);
        set.run(Chunk { tiling: self, padded, weights, bias, patches, products, output, argmax })
    }
}

struct Chunk<'a> {
    tiling: &'a Tiling,
    padded: &'a [f32],
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    /// `[element][tile][channel]`.
    patches: &'a mut [f32],
    /// `[vector of a block][tile][element][lane]`.
    products: &'a mut [f32],
    output: &'a mut [MaybeUninit<f32>],
    argmax: &'a mut [MaybeUninit<u8>],
}

impl WithSimd for Chunk<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> bool {
        let shape = self.tiling.shape;
        let all = self.tiling.count(self.padded);
        let block = block_len(S::F32_LANES);
        assert!(
            self.weights.len()
                >= shape.features.div_ceil(block) * ELEMENTS * shape.channels * block
        );
        assert!(self.patches.len() >= ELEMENTS * element_stride(TILES, shape.channels));
        assert!(self.products.len() >= ELEMENTS * TILES * block);
        let mut finite = simd.splat_f32s(0.0);
        for first in (0..all).step_by(TILES) {
            let count = TILES.min(all - first);
            for tile in 0..count {
                let to = &mut self.patches[tile * shape.channels..];
                let element_stride = element_stride(TILES, shape.channels);
                self.tiling.transform_patch(simd, self.padded, first + tile, to, element_stride);
            }
            for feature in (0..shape.features).step_by(block) {
                if S::REGISTER_COUNT >= 32 {
                    match count {
                        1..=4 => self.multiply::<S, 4>(simd, feature, 0),
                        5..=8 => self.multiply::<S, 8>(simd, feature, 0),
                        _ => self.multiply::<S, TILES>(simd, feature, 0),
                    }
                } else {
                    for tile in (0..count).step_by(6) {
                        self.multiply::<S, 6>(simd, feature, tile);
                    }
                }
                for tile in 0..count {
                    finite = self.finish(simd, first + tile, tile, feature, finite);
                }
            }
        }
        simd.reduce_sum_f32s(finite) == 0.0
    }
}

impl Chunk<'_> {
    /// Multiplies `P` patches from `tile` on with the weights of the block of features from `first`
    /// on.
    #[inline(always)]
    fn multiply<S: Simd, const P: usize>(&mut self, simd: S, first: usize, from: usize) {
        assert!(from + P <= TILES);
        let channels = self.tiling.shape.channels;
        let block = block_len(S::F32_LANES);
        for element in 0..ELEMENTS {
            // SAFETY: the sizes of all buffers were checked at the start; every window is
            // `channels` numbers of `patches`.
            unsafe {
                let patches = self.patches.as_ptr().add(element * element_stride(TILES, channels));
                let weights = self
                    .weights
                    .as_ptr()
                    .add((first / block * ELEMENTS + element) * channels * block);
                let windows: [*const f32; P] =
                    std::array::from_fn(|tile| patches.add((from + tile) * channels));
                let mut sums = [[simd.splat_f32s(0.0); 2]; P];
                multiply::<S, P, 2>(simd, windows, [1, channels], 0, weights, &mut sums);
                for (tile, sums) in sums.iter().enumerate() {
                    for (v, &sum) in sums.iter().enumerate() {
                        let at = ((v * TILES + from + tile) * ELEMENTS + element) * S::F32_LANES;
                        store(simd, self.products.as_mut_ptr().add(at), sum);
                    }
                }
            }
        }
    }

    /// Transforms the products of a tile back and applies the epilogue. Adds NaN to `finite` if an
    /// output is not finite, else zeros.
    #[inline(always)]
    fn finish<S: Simd>(
        &mut self,
        simd: S,
        index: usize,
        tile: usize,
        first: usize,
        mut finite: S::f32s,
    ) -> S::f32s {
        let Tiling { shape, epilogue, .. } = *self.tiling;
        let features = shape.features;
        let [image, tile_row, tile_column] = self.tiling.locate(index);
        let zero = simd.splat_f32s(0.0);
        for v in 0..2 {
            let left = features.saturating_sub(first + v * S::F32_LANES);
            if left == 0 {
                break;
            }
            let bias = match self.bias {
                // SAFETY: `left` numbers follow in the bias.
                Some(bias) => unsafe {
                    load_first(simd, bias[first + v * S::F32_LANES..].as_ptr(), left)
                },
                None => zero,
            };
            let products = &self.products[(v * TILES + tile) * ELEMENTS * S::F32_LANES..];
            // (a, b, c, d) → (a + b + c, b - c - d)
            let back = |[a, b, c, d]: [S::f32s; 4]| {
                let both = simd.add_f32s(b, c);
                [simd.add_f32s(a, both), simd.sub_f32s(simd.sub_f32s(b, c), d)]
            };
            let columns: [[S::f32s; 2]; 4] = std::array::from_fn(|column| {
                back(std::array::from_fn(|row| {
                    let from = &products[(row * 4 + column) * S::F32_LANES..][..S::F32_LANES];
                    // SAFETY: a whole vector was sliced.
                    unsafe { load(simd, from.as_ptr()) }
                }))
            });
            let mut sums = [zero; 4];
            for row in 0..2 {
                let values = back(std::array::from_fn(|column| columns[column][row]));
                for (column, value) in values.into_iter().enumerate() {
                    let value = simd.add_f32s(value, bias);
                    finite = simd.add_f32s(finite, simd.mul_f32s(value, zero));
                    sums[row * 2 + column] = value;
                }
            }
            if epilogue.pool {
                let at = index * features + first;
                finish_pool(
                    simd,
                    sums,
                    epilogue.relu,
                    features - first,
                    v,
                    at,
                    self.output,
                    self.argmax,
                );
                continue;
            }
            let [height, width] = shape.output_size();
            for (corner, &sum) in sums.iter().enumerate() {
                let (row, column) = (2 * tile_row + corner / 2, 2 * tile_column + corner % 2);
                if row < height && column < width {
                    let value = if epilogue.relu { relu(simd, sum) } else { sum };
                    let at = ((image * height + row) * width + column) * features + first;
                    write(simd, &mut self.output[at..], features - first, v, value);
                }
            }
        }
        finite
    }
}
