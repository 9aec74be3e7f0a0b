//! The gradient of a convolution's weights with 16 products instead of 36 for every 2×2 outputs:
//! the transpose of Winograd's algorithm.
//!
//! The gradient of each tile is transformed to 4×4 elements and multiplied with the tile's patch,
//! element by element. The sums over all tiles are transformed back once.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::forward;
use super::tiling::{ELEMENTS, Tiling, element_stride};
use crate::conv::micro_kernel::block_len;
use crate::conv::shape::ConvShape;
use crate::conv::weight_gradient::{RegisterTile, TileInputs, tile_len};
use crate::epilogue::Epilogue;
use crate::memory::{Buffer, with_scratch};
use crate::simd::{Instructions, load, store};

/// Images of a partial sum. Partial sums are added in the order of the images, so that the result
/// does not depend on the number of threads.
const IMAGES: usize = 16;

/// Tiles that are transformed together: enough to load and store the sums rarely, few enough for a
/// core's cache.
const TILES: usize = 48;

/// Whether Winograd's algorithm is faster than the plain sums: it is so forward, gradients come in
/// whole vectors, and a partial sum has enough tiles to pay for its transformation.
pub(crate) fn is_profitable(set: Instructions, shape: &ConvShape) -> bool {
    let epilogue = Epilogue::default();
    let [down, right] = Tiling::new(shape, epilogue).tiles;
    forward::is_profitable(set, shape, epilogue)
        && shape.features.is_multiple_of(set.lanes())
        && IMAGES.min(shape.batch) * down * right >= TILES
}

/// From `input`, `[batch, height, width, channels]`, and `gradient`, `[batch, height, width,
/// features]` of the output: the gradient of the weights, packed by tap, with the gradient of the
/// bias behind the taps of each block. `None` if a gradient is not finite.
pub(crate) fn weight_gradient(
    set: Instructions,
    shape: &ConvShape,
    input: &[f32],
    gradient: &[f32],
) -> Option<Buffer> {
    let [height, width] = shape.output_size();
    let outputs = height * width * shape.features;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(gradient.len(), shape.batch * outputs);
    let tiling = Tiling::new(shape, Epilogue::default());
    let block = block_len(set.lanes());
    let blocks = shape.features.div_ceil(block);
    let block_len = (ELEMENTS * shape.channels + 1) * block;
    let partials = shape.batch.div_ceil(IMAGES);
    let mut sums = Buffer::zeros(partials * blocks * block_len);
    input
        .par_chunks(IMAGES * shape.image_len())
        .zip(gradient.par_chunks(IMAGES * outputs))
        .zip(sums.as_mut_slice().par_chunks_mut(blocks * block_len))
        .for_each(|((input, gradient), sums)| {
            with_scratch(|scratch| {
                let padded = tiling.layout.padded(input, &mut scratch.images);
                let patches = ELEMENTS * element_stride(TILES, shape.channels);
                let gradients = ELEMENTS * element_stride(TILES, shape.features);
                let (patches, gradients) =
                    scratch.values.take(patches + gradients).split_at_mut(patches);
                set.run(Partial { tiling, padded, gradient, patches, gradients, sums });
            });
        });

    let mut packed = Buffer::zeros(blocks * (shape.taps() + 1) * block);
    let finite = packed
        .as_mut_slice()
        .par_chunks_mut((shape.taps() + 1) * block)
        .enumerate()
        .map(|(index, packed)| {
            let partials = sums.as_slice().chunks_exact(blocks * block_len);
            let sums = partials.map(|partial| &partial[index * block_len..][..block_len]).collect();
            set.run(InverseTransform { sums, channels: shape.channels, packed })
        })
        .reduce(|| true, |a, b| a && b);
    finite.then_some(packed)
}

/// A chunk of images, for one thread.
struct Partial<'a> {
    tiling: Tiling,
    padded: &'a [f32],
    gradient: &'a [f32],
    /// `[element][tile][channel]`.
    patches: &'a mut [f32],
    /// `[element][tile][feature]`.
    gradients: &'a mut [f32],
    /// For each block of features `[element][channel][feature in block]`, followed by the sums of
    /// the gradients alone.
    sums: &'a mut [f32],
}

impl WithSimd for Partial<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let ConvShape { channels, features, .. } = self.tiling.shape;
        let count = self.tiling.count(self.padded);
        let starts: [u32; TILES] = std::array::from_fn(|tile| (tile * channels) as u32);
        for first in (0..count).step_by(TILES) {
            let tiles = TILES.min(count - first);
            for tile in 0..tiles {
                let to = &mut self.patches[tile * channels..];
                let element_stride = element_stride(TILES, channels);
                self.tiling.transform_patch(simd, self.padded, first + tile, to, element_stride);
                self.transform_gradient(simd, first + tile, tile);
            }
            for element in 0..ELEMENTS {
                let patches = &self.patches[element * element_stride(TILES, channels)..];
                let gradients = &self.gradients[element * element_stride(TILES, features)..];
                let gradients =
                    TileInputs::new(&starts[..tiles], channels, patches, gradients, features);
                add_products(simd, element, &gradients, self.sums);
            }
        }
    }
}

/// Adds the products of patches and gradients of one element, for all channels and features.
#[inline(always)]
fn add_products<S: Simd>(simd: S, element: usize, gradients: &TileInputs<'_>, sums: &mut [f32]) {
    /// The element that is the sum of a tile's gradients, for all signs of its transformation are
    /// +.
    const SUM: usize = 5;
    let block = block_len(S::F32_LANES);
    let channels = gradients.reach();
    let len = (ELEMENTS * channels + 1) * block;
    for (index, sums) in sums.chunks_exact_mut(len).enumerate() {
        let (sums, bias) = sums.split_at_mut(ELEMENTS * channels * block);
        let mut bias = if element == SUM { bias } else { &mut [] };
        let mut rest = &mut sums[element * channels * block..][..channels * block];
        let mut offset = 0;
        while offset < channels {
            let numbers = tile_len(S::REGISTER_COUNT, channels - offset);
            let (sums, behind) = rest.split_at_mut(numbers * block);
            let bias = std::mem::take(&mut bias);
            RegisterTile { first: index * block, offset, numbers, sums, bias }.add(simd, gradients);
            rest = behind;
            offset += numbers;
        }
    }
}

impl Partial<'_> {
    /// Transforms the gradient of tile `index`; outputs outside the image count as zero.
    #[inline(always)]
    fn transform_gradient<S: Simd>(&mut self, simd: S, index: usize, tile: usize) {
        let shape = self.tiling.shape;
        let features = shape.features;
        let [height, width] = shape.output_size();
        let [image, row, column] = self.tiling.locate(index);
        let zero = simd.splat_f32s(0.0);
        // (a, b) → (a, a + b, a - b, -b)
        let spread = |[a, b]: [S::f32s; 2]| {
            [a, simd.add_f32s(a, b), simd.sub_f32s(a, b), simd.sub_f32s(zero, b)]
        };
        let mut from: [Option<&[f32]>; 4] = [None; 4];
        for (corner, from) in from.iter_mut().enumerate() {
            let (row, column) = (2 * row + corner / 2, 2 * column + corner % 2);
            if row < height && column < width {
                let position = (image * height + row) * width + column;
                *from = Some(&self.gradient[position * features..][..features]);
            }
        }
        assert!(features.is_multiple_of(S::F32_LANES) && tile < TILES);
        let element_stride = element_stride(TILES, features);
        assert!(self.gradients.len() >= ELEMENTS * element_stride);
        for feature in (0..features).step_by(S::F32_LANES) {
            // SAFETY: every slice holds `features` numbers, which come in whole vectors; the room
            // in `gradients` was checked above.
            unsafe {
                let mut values = [zero; 4];
                for (value, from) in values.iter_mut().zip(from) {
                    if let Some(from) = from {
                        *value = load(simd, from.as_ptr().add(feature));
                    }
                }
                let [a, b, c, d] = values;
                let rows = [spread([a, b]), spread([c, d])];
                let to = self.gradients.as_mut_ptr().add(tile * features + feature);
                for column in 0..4 {
                    let values = spread([rows[0][column], rows[1][column]]);
                    for (row, value) in values.into_iter().enumerate() {
                        store(simd, to.add((row * 4 + column) * element_stride), value);
                    }
                }
            }
        }
    }
}

/// Adds the partial sums of a block of features and transforms the total back.
struct InverseTransform<'a> {
    /// Of each partial sum, `[element][channel][feature in block]` and the sums of the gradients.
    sums: Vec<&'a [f32]>,
    channels: usize,
    /// `[tap][feature in block]`, followed by the gradient of the bias.
    packed: &'a mut [f32],
}

impl WithSimd for InverseTransform<'_> {
    /// Whether everything is finite.
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self { sums, channels, packed } = self;
        let block = block_len(S::F32_LANES);
        assert!(sums.iter().all(|sums| sums.len() >= (ELEMENTS * channels + 1) * block));
        assert!(packed.len() >= (9 * channels + 1) * block);
        let zero = simd.splat_f32s(0.0);
        let half = simd.splat_f32s(0.5);
        let mut finite = zero;
        // (a, b, c, d) → (a + (b + c) / 2, (b - c) / 2, (b + c) / 2 + d)
        let back = |[a, b, c, d]: [S::f32s; 4]| {
            let plus = simd.mul_f32s(half, simd.add_f32s(b, c));
            let minus = simd.mul_f32s(half, simd.sub_f32s(b, c));
            [simd.add_f32s(a, plus), minus, simd.add_f32s(plus, d)]
        };
        // The total of all partial sums at `at`.
        let sum = |at: usize| {
            let mut total = zero;
            for sums in &sums {
                // SAFETY: `at` and the vector behind it lie in the sums, as checked above.
                total = simd.add_f32s(total, unsafe { load(simd, sums.as_ptr().add(at)) });
            }
            total
        };
        let mut put = |at: usize, value: S::f32s| {
            finite = simd.add_f32s(finite, simd.mul_f32s(value, zero));
            // SAFETY: `at` and the vector behind it lie in `packed`, as checked above.
            unsafe { store(simd, packed.as_mut_ptr().add(at), value) };
        };
        for lane in (0..block).step_by(S::F32_LANES) {
            for channel in 0..channels {
                let mut columns = [[zero; 3]; 4];
                for (column, out) in columns.iter_mut().enumerate() {
                    let mut elements = [zero; 4];
                    for (row, element) in elements.iter_mut().enumerate() {
                        *element = sum(((row * 4 + column) * channels + channel) * block + lane);
                    }
                    *out = back(elements);
                }
                for row in 0..3 {
                    let [a, b, c, d] = columns;
                    let values = back([a[row], b[row], c[row], d[row]]);
                    for (column, value) in values.into_iter().enumerate() {
                        put(((row * 3 + column) * channels + channel) * block + lane, value);
                    }
                }
            }
            put(9 * channels * block + lane, sum(ELEMENTS * channels * block + lane));
        }
        simd.reduce_sum_f32s(finite) == 0.0
    }
}
