//! The innermost loop of every dense kernel: a tile of sums in registers.

use pulp::Simd;

use crate::simd::{load, multiply_add};

/// Features that a register tile computes at once.
pub(crate) fn block_len(lanes: usize) -> usize {
    2 * lanes
}

/// Adds to `sums[p][v]` the products of the numbers of window `p` with vector `v` of their weights.
///
/// A window is `rows` runs of `run` numbers, `row_stride` apart; the weights are `V` vectors for
/// each number, blocks of [`block_len`] features apart. With 12 windows and two
/// vectors, 24 of AVX-512's 32 registers hold sums, and every number loaded is used twice.
///
/// # Safety
/// `(rows - 1) · row_stride + run` numbers must be readable from each of `windows`, and
/// `rows · run` blocks of weights from `weights`.
#[inline(always)]
pub(crate) unsafe fn multiply<S: Simd, const P: usize, const V: usize>(
    simd: S,
    windows: [*const f32; P],
    [rows, run]: [usize; 2],
    row_stride: usize,
    weights: *const f32,
    sums: &mut [[S::f32s; V]; P],
) {
    let block = block_len(S::F32_LANES);
    let mut acc = *sums;
    let mut weights = weights;
    for row in 0..rows {
        let mut offset = row * row_stride;
        let end = offset + run;
        // The addresses of the windows do not all fit into registers. Two numbers per iteration
        // halve how often they are loaded.
        while offset + 2 <= end {
            // SAFETY: `offset + 1` lies in the window, and the weights advance with it.
            unsafe {
                step::<S, P, V>(simd, &windows, offset, weights, &mut acc);
                step::<S, P, V>(simd, &windows, offset + 1, weights.add(block), &mut acc);
                weights = weights.add(2 * block);
            }
            offset += 2;
        }
        if offset < end {
            // SAFETY: as above.
            unsafe {
                step::<S, P, V>(simd, &windows, offset, weights, &mut acc);
                weights = weights.add(block);
            }
        }
    }
    *sums = acc;
}

/// Multiplies one number of each window with its weights.
///
/// # Safety
/// `offset` must lie in every window, and `V` vectors be readable from `weights`.
#[inline(always)]
unsafe fn step<S: Simd, const P: usize, const V: usize>(
    simd: S,
    windows: &[*const f32; P],
    offset: usize,
    weights: *const f32,
    acc: &mut [[S::f32s; V]; P],
) {
    // SAFETY: the caller guarantees both.
    unsafe {
        let mut factors = [simd.splat_f32s(0.0); V];
        for (v, factor) in factors.iter_mut().enumerate() {
            *factor = load(simd, weights.add(v * S::F32_LANES));
        }
        for p in 0..P {
            let number = simd.splat_f32s(*windows[p].add(offset));
            for v in 0..V {
                acc[p][v] = multiply_add(simd, number, factors[v], acc[p][v]);
            }
        }
    }
}
