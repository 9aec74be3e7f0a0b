//! The transformation of the weights.

use pulp::{Simd, WithSimd};

use super::tiling::ELEMENTS;
use crate::conv::micro_kernel::block_len;
use crate::conv::shape::ConvShape;
use crate::memory::Buffer;
use crate::simd::{Instructions, load, store};

/// Weights packed by tap, transformed: `[block of features][element][channel][feature in block]`.
pub(crate) fn transform_weights(set: Instructions, shape: &ConvShape, packed: &Buffer) -> Buffer {
    let block = block_len(set.lanes());
    let blocks = shape.features.div_ceil(block);
    let mut transformed = Buffer::zeros(blocks * ELEMENTS * shape.channels * block);
    set.run(Weights {
        packed: packed.as_slice(),
        transformed: transformed.as_mut_slice(),
        channels: shape.channels,
        blocks,
    });
    transformed
}

struct Weights<'a> {
    packed: &'a [f32],
    transformed: &'a mut [f32],
    channels: usize,
    blocks: usize,
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { packed, transformed, channels, blocks } = self;
        let block = block_len(S::F32_LANES);
        assert!(packed.len() >= blocks * 9 * channels * block);
        assert!(transformed.len() >= blocks * ELEMENTS * channels * block);
        let half = simd.splat_f32s(0.5);
        // (a, b, c) → (a, (a + b + c) / 2, (a - b + c) / 2, c)
        let spread = |[a, b, c]: [S::f32s; 3]| {
            let outer = simd.add_f32s(a, c);
            let plus = simd.mul_f32s(half, simd.add_f32s(outer, b));
            let minus = simd.mul_f32s(half, simd.sub_f32s(outer, b));
            [a, plus, minus, c]
        };
        for index in 0..blocks {
            for channel in 0..channels {
                for lane in (0..block).step_by(S::F32_LANES) {
                    // SAFETY: both buffers hold as many blocks as was checked above.
                    unsafe {
                        let from = packed.as_ptr().add(index * 9 * channels * block + lane);
                        let to = transformed
                            .as_mut_ptr()
                            .add(index * ELEMENTS * channels * block + lane);
                        let weight = |row: usize, column: usize| {
                            load(simd, from.add(((row * 3 + column) * channels + channel) * block))
                        };
                        let columns: [[S::f32s; 4]; 3] = std::array::from_fn(|column| {
                            spread([weight(0, column), weight(1, column), weight(2, column)])
                        });
                        for row in 0..4 {
                            let values =
                                spread([columns[0][row], columns[1][row], columns[2][row]]);
                            for (column, value) in values.into_iter().enumerate() {
                                let element = row * 4 + column;
                                store(simd, to.add((element * channels + channel) * block), value);
                            }
                        }
                    }
                }
            }
        }
    }
}
