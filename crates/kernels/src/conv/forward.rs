//! Dense convolution forward, fused with its epilogue.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::chunks::{ChunkLens, for_each_chunk};
use super::finish::{finish_pool, relu, write};
use super::micro_kernel::{block_len, multiply};
use super::pack::{self, WeightOrder};
use super::shape::ConvShape;
use super::windows::{Order, WindowLayout, chunk_len};
use super::winograd::{self, Tiling};
use crate::epilogue::Epilogue;
use crate::memory::{Buffer, with_scratch};
use crate::simd::{Instructions, load_first};

/// Convolves `input`, `[batch, height, width, channels]`, without bias and epilogue. Writes every
/// number of `output`, `[batch, height, width, features]`.
pub(super) fn convolve(
    set: Instructions,
    shape: &ConvShape,
    input: &[f32],
    weights: &Weights,
    output: &mut [MaybeUninit<f32>],
) {
    let positions = WindowLayout::new(shape).positions(Order::Rows);
    let chunk = chunk_len(positions, shape.batch, rayon::current_num_threads());
    let convolver = DenseConvolver::new(*shape, Epilogue::default(), chunk);
    let outputs = convolver.outputs();
    assert_eq!(input.len(), shape.batch * shape.image_len());
    assert_eq!(output.len(), shape.batch * outputs);
    let lens = ChunkLens { input: chunk * shape.image_len(), output: chunk * outputs };
    for_each_chunk(lens, input, output, &mut [], |input, output, argmax| {
        convolver.run(set, input, weights, None, output, argmax);
    });
}

/// A convolution prepared for chunks of images.
#[derive(Debug)]
pub(crate) struct DenseConvolver {
    shape: ConvShape,
    epilogue: Epilogue,
    windows: WindowLayout,
    /// Where the windows of a whole chunk start.
    starts: Vec<u32>,
    tiling: Tiling,
}

/// Packed weights for [`DenseConvolver`].
#[derive(Debug)]
pub(crate) struct Weights {
    by_tap: Buffer,
    /// Transformed, where Winograd's algorithm is faster.
    winograd: Option<Buffer>,
}

impl Weights {
    /// Packs weights that lie in the given `order`.
    pub fn pack(
        set: Instructions,
        shape: &ConvShape,
        order: WeightOrder,
        epilogue: Epilogue,
        weights: &[f32],
    ) -> Self {
        let block = block_len(set.lanes());
        Self::new(set, shape, epilogue, pack::by_tap(weights, &shape.weights(), order, block))
    }

    /// Takes weights packed by tap.
    pub fn new(set: Instructions, shape: &ConvShape, epilogue: Epilogue, by_tap: Buffer) -> Self {
        let winograd = winograd::is_profitable(set, shape, epilogue)
            .then(|| winograd::transform_weights(set, shape, &by_tap));
        Self { by_tap, winograd }
    }
}

impl DenseConvolver {
    /// Prepares for chunks of up to `chunk` images.
    pub fn new(shape: ConvShape, epilogue: Epilogue, chunk: usize) -> Self {
        assert_eq!(shape.groups, 1);
        let windows = WindowLayout::new(&shape);
        let starts = windows.starts(chunk, Order::of(epilogue));
        let tiling = Tiling::new(&shape, epilogue);
        Self { shape, epilogue, windows, starts, tiling }
    }

    /// Numbers in one image of the output.
    pub fn outputs(&self) -> usize {
        let [height, width] = self.epilogue.output_size(self.shape.output_size());
        height * width * self.shape.features
    }

    /// Convolves some images on this thread. Writes every number of `output` and, unless it is empty,
    /// of `argmax`: 0 to 3 for each pooling window, or
    /// [`NO_GRADIENT`](crate::epilogue::NO_GRADIENT).
    ///
    /// If an output of Winograd's algorithm is not finite, the plain sums of all these images are
    /// computed instead.
    pub fn run(
        &self,
        set: Instructions,
        input: &[f32],
        weights: &Weights,
        bias: Option<&[f32]>,
        output: &mut [MaybeUninit<f32>],
        argmax: &mut [MaybeUninit<u8>],
    ) {
        let Self { shape, epilogue, windows, starts, tiling } = self;
        let images = input.len() / shape.image_len();
        assert_eq!(output.len(), images * self.outputs());
        assert!(argmax.is_empty() || argmax.len() == output.len());
        assert!(bias.is_none_or(|bias| bias.len() == shape.features));
        let starts = &starts[..images * windows.positions(Order::of(*epilogue))];
        if starts.is_empty() {
            return;
        }
        with_scratch(|scratch| {
            if let Some(weights) = &weights.winograd
                && tiling.run(set, scratch, input, weights.as_slice(), bias, output, argmax)
            {
                return;
            }
            set.run(Chunk {
                windows: *windows,
                starts,
                images: windows.layout.padded(input, &mut scratch.images),
                weights: weights.by_tap.as_slice(),
                bias,
                features: shape.features,
                epilogue: *epilogue,
                output,
                argmax,
            });
        });
    }
}

/// A chunk of images, for one thread.
struct Chunk<'a> {
    windows: WindowLayout,
    starts: &'a [u32],
    /// With padding.
    images: &'a [f32],
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    features: usize,
    epilogue: Epilogue,
    output: &'a mut [MaybeUninit<f32>],
    argmax: &'a mut [MaybeUninit<u8>],
}

impl WithSimd for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let block = block_len(S::F32_LANES);
        for first in (0..self.features).step_by(block) {
            let narrow = self.features - first <= S::F32_LANES;
            if narrow {
                self.features::<S, 1>(simd, first);
            } else {
                self.features::<S, 2>(simd, first);
            }
        }
    }
}

impl Chunk<'_> {
    /// Convolves the features from `first` on, as many as `V` vectors hold: in the largest register
    /// tiles that fit, then the rest in smaller ones.
    #[inline(always)]
    fn features<S: Simd, const V: usize>(&mut self, simd: S, first: usize) {
        let all = self.starts.len();
        let mut position = 0;
        if self.epilogue.pool {
            if S::REGISTER_COUNT >= 32 {
                position = self.pooled_tiles::<S, 12, V>(simd, first, position);
            }
            self.pooled_tiles::<S, 4, V>(simd, first, position);
            return;
        }
        if S::REGISTER_COUNT >= 32 {
            position = self.tiles::<S, 12, V>(simd, first, position);
        }
        position = self.tiles::<S, 6, V>(simd, first, position);
        if all - position >= 3 {
            position = self.tiles::<S, 3, V>(simd, first, position);
        }
        self.tiles::<S, 1, V>(simd, first, position);
    }

    /// Convolves whole tiles of `P` positions from `position` on. Returns the first position left.
    #[inline(always)]
    fn tiles<S: Simd, const P: usize, const V: usize>(
        &mut self,
        simd: S,
        first: usize,
        mut position: usize,
    ) -> usize {
        while position + P <= self.starts.len() {
            let tile = self.tile::<S, P, V>(simd, position, first);
            for (p, sums) in tile.iter().enumerate() {
                let out = &mut self.output[(position + p) * self.features + first..];
                for (v, &sum) in sums.iter().enumerate() {
                    let value = if self.epilogue.relu { relu(simd, sum) } else { sum };
                    write(simd, out, self.features - first, v, value);
                }
            }
            position += P;
        }
        position
    }

    /// Does the same, and pools every four positions.
    #[inline(always)]
    fn pooled_tiles<S: Simd, const P: usize, const V: usize>(
        &mut self,
        simd: S,
        first: usize,
        mut position: usize,
    ) -> usize {
        while position + P <= self.starts.len() {
            let tile = self.tile::<S, P, V>(simd, position, first);
            for (pool, sums) in tile.chunks_exact(4).enumerate() {
                let at = (position / 4 + pool) * self.features + first;
                for v in 0..V {
                    let sums = std::array::from_fn(|corner| sums[corner][v]);
                    let left = self.features - first;
                    let relu = self.epilogue.relu;
                    finish_pool(simd, sums, relu, left, v, at, self.output, self.argmax);
                }
            }
            position += P;
        }
        position
    }

    /// The sums of `P` positions from `position` on.
    #[inline(always)]
    fn tile<S: Simd, const P: usize, const V: usize>(
        &self,
        simd: S,
        position: usize,
        first: usize,
    ) -> [[S::f32s; V]; P] {
        let WindowLayout { rows, run, row_stride, .. } = self.windows;
        let reach = self.windows.reach();
        let images: [*const f32; P] = std::array::from_fn(|p| {
            let start = self.starts[position + p] as usize;
            self.images[start..start + reach].as_ptr()
        });
        let weights = &self.weights[first * rows * run..];
        assert!(weights.len() >= rows * run * block_len(S::F32_LANES));
        let mut sums = [[simd.splat_f32s(0.0); V]; P];
        if let Some(bias) = self.bias {
            let bias: [S::f32s; V] = std::array::from_fn(|v| {
                let left = bias.get(first + v * S::F32_LANES..).unwrap_or(&[]);
                // SAFETY: `left` numbers are readable.
                unsafe { load_first(simd, left.as_ptr(), left.len()) }
            });
            sums = [bias; P];
        }
        // SAFETY: every window reaches `reach` numbers past its start, and the block of weights is
        // whole; both were checked above.
        unsafe {
            multiply::<S, P, V>(simd, images, [rows, run], row_stride, weights.as_ptr(), &mut sums);
        }
        sums
    }
}
