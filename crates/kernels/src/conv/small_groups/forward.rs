//! Convolution in small groups forward, fused with its epilogue.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::layout::PlaneShape;
use crate::conv::finish::{finish_pool, relu, write};
use crate::conv::pack::WeightOrder;
use crate::conv::shape::ConvShape;
use crate::conv::windows::{Order, WindowLayout};
use crate::epilogue::Epilogue;
use crate::memory::{Buffer, Scratch, with_scratch};
use crate::simd::{Instructions, load, load_first, multiply_add};

/// A convolution in small groups, prepared for chunks of images.
#[derive(Debug)]
pub(crate) struct SmallGroupsConvolver {
    set: Instructions,
    planes: PlaneShape,
    epilogue: Epilogue,
    windows: WindowLayout,
    /// Where the windows of a whole chunk start.
    starts: Vec<u32>,
    /// Of the taps, from the start of a window.
    offsets: Vec<usize>,
    /// `[tap][feature]`, in whole vectors.
    weights: Buffer,
}

impl SmallGroupsConvolver {
    /// Packs `weights`, which lie in the given `order`, and prepares for chunks of up to `chunk`
    /// images.
    pub fn new(
        set: Instructions,
        shape: &ConvShape,
        order: WeightOrder,
        epilogue: Epilogue,
        weights: &[f32],
        chunk: usize,
    ) -> Self {
        let planes = PlaneShape::new(shape);
        let weights = planes.pack(weights, set.lanes(), |of| order.index(of));
        Self::with_packed(set, planes, epilogue, weights, chunk)
    }

    /// Takes packed weights.
    pub(super) fn with_packed(
        set: Instructions,
        planes: PlaneShape,
        epilogue: Epilogue,
        weights: Buffer,
        chunk: usize,
    ) -> Self {
        let windows = planes.windows();
        let starts = windows.starts(chunk, Order::of(epilogue));
        Self { set, planes, epilogue, windows, starts, offsets: planes.offsets(), weights }
    }

    /// Numbers in one image of the output.
    pub fn outputs(&self) -> usize {
        let [height, width] = self.epilogue.output_size(self.planes.shape.output_size());
        height * width * self.planes.shape.features
    }

    /// Convolves some images on this thread.
    pub fn run(
        &self,
        input: &[f32],
        bias: Option<&[f32]>,
        output: &mut [MaybeUninit<f32>],
        argmax: &mut [MaybeUninit<u8>],
    ) {
        let shape = &self.planes.shape;
        let images = input.len() / shape.image_len();
        assert_eq!(output.len(), images * self.outputs());
        assert!(argmax.is_empty() || argmax.len() == output.len());
        assert!(bias.is_none_or(|bias| bias.len() == shape.features));
        let starts = &self.starts[..images * self.windows.positions(Order::of(self.epilogue))];
        if starts.is_empty() {
            return;
        }
        with_scratch(|scratch| {
            let Scratch { images: padded, values, .. } = scratch;
            let input = self.planes.spread(input, values);
            self.set.run(Chunk {
                starts,
                offsets: &self.offsets,
                reach: self.windows.reach(),
                images: self.windows.layout.padded(input, padded),
                weights: self.weights.as_slice(),
                bias,
                features: shape.features,
                epilogue: self.epilogue,
                output,
                argmax,
            });
        });
    }
}

/// A chunk of images, for one thread.
struct Chunk<'a> {
    starts: &'a [u32],
    offsets: &'a [usize],
    /// Numbers from the start of a window to its end.
    reach: usize,
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
        let Self { starts, offsets, reach, images, weights, features, .. } = self;
        assert!(starts.iter().all(|start| *start as usize + reach <= images.len()));
        assert!(offsets.iter().all(|offset| offset + features <= reach));
        assert!(weights.len() >= offsets.len() * features.next_multiple_of(S::F32_LANES));
        let position = self.tiles::<S, 8>(simd, 0);
        let position = self.tiles::<S, 4>(simd, position);
        if !self.epilogue.pool {
            self.tiles::<S, 1>(simd, position);
        }
    }
}

impl Chunk<'_> {
    /// Convolves whole tiles of `P` positions from `position` on. Returns the first position left.
    #[inline(always)]
    fn tiles<S: Simd, const P: usize>(&mut self, simd: S, mut position: usize) -> usize {
        while position + P <= self.starts.len() {
            for first in (0..self.features).step_by(S::F32_LANES) {
                if self.features - first >= S::F32_LANES {
                    let sums = self.sums::<S, P, true>(simd, position, first);
                    self.finish(simd, sums, position, first);
                } else {
                    let sums = self.sums::<S, P, false>(simd, position, first);
                    self.finish(simd, sums, position, first);
                }
            }
            position += P;
        }
        position
    }

    /// The sums of `P` positions from `position` on, for the vector of features from `first` on,
    /// which is `WHOLE` or the last one.
    #[inline(always)]
    fn sums<S: Simd, const P: usize, const WHOLE: bool>(
        &self,
        simd: S,
        position: usize,
        first: usize,
    ) -> [S::f32s; P] {
        let left = self.features - first;
        let width = self.features.next_multiple_of(S::F32_LANES);
        let bias = match self.bias {
            // SAFETY: the slice holds `left` numbers.
            Some(bias) => unsafe { load_first(simd, bias[first..].as_ptr(), left) },
            None => simd.splat_f32s(0.0),
        };
        let mut sums = [bias; P];
        let starts: [usize; P] =
            std::array::from_fn(|p| self.starts[position + p] as usize + first);
        // SAFETY: `with_simd` has checked that every window lies in the images, with `features`
        // numbers behind each of its offsets, and that the weights of every tap fill whole vectors.
        unsafe {
            let mut weights = self.weights.as_ptr().add(first);
            for offset in self.offsets {
                let weight = load(simd, weights);
                let images = self.images.as_ptr().add(*offset);
                for p in 0..P {
                    let from = images.add(starts[p]);
                    let numbers =
                        if WHOLE { load(simd, from) } else { load_first(simd, from, left) };
                    sums[p] = multiply_add(simd, weight, numbers, sums[p]);
                }
                // Behind the last tap, this points past the weights, and nothing reads from it.
                weights = weights.wrapping_add(width);
            }
        }
        sums
    }

    /// Applies the epilogue and writes the output.
    #[inline(always)]
    fn finish<S: Simd, const P: usize>(
        &mut self,
        simd: S,
        sums: [S::f32s; P],
        position: usize,
        first: usize,
    ) {
        let left = self.features - first;
        let with_relu = self.epilogue.relu;
        if self.epilogue.pool {
            for (pool, sums) in sums.chunks_exact(4).enumerate() {
                let sums = std::array::from_fn(|corner| sums[corner]);
                let at = (position / 4 + pool) * self.features + first;
                finish_pool(simd, sums, with_relu, left, 0, at, self.output, self.argmax);
            }
            return;
        }
        for (p, sum) in sums.into_iter().enumerate() {
            let value = if with_relu { relu(simd, sum) } else { sum };
            let at = (position + p) * self.features + first;
            write(simd, &mut self.output[at..], left, 0, value);
        }
    }
}
