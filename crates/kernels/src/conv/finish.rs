//! The end of a convolution, while its sums are in registers: ReLU, pool and stores.

use std::mem::MaybeUninit;

use pulp::Simd;

use crate::epilogue::NO_GRADIENT;
use crate::simd::store_first;

/// Negative numbers become zero; NaN stays.
#[inline(always)]
pub(crate) fn relu<S: Simd>(simd: S, value: S::f32s) -> S::f32s {
    let zero = simd.splat_f32s(0.0);
    simd.select_f32s(simd.less_than_or_equal_f32s(value, zero), zero, value)
}

/// Pools the `sums` of a window's four positions and writes vector `v` of the block at `at`, which
/// has room for `left` features, to `output` and, unless it is empty, to `argmax`.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(crate) fn finish_pool<S: Simd>(
    simd: S,
    sums: [S::f32s; 4],
    relu: bool,
    left: usize,
    v: usize,
    at: usize,
    output: &mut [MaybeUninit<f32>],
    argmax: &mut [MaybeUninit<u8>],
) {
    let mut largest = sums[0];
    let mut largest_at = simd.splat_u32s(0);
    for (corner, &value) in sums.iter().enumerate().skip(1) {
        let nan = simd.not_m32s(simd.equal_f32s(value, value));
        let is_larger = simd.or_m32s(simd.greater_than_f32s(value, largest), nan);
        largest = simd.select_f32s(is_larger, value, largest);
        largest_at = simd.select_u32s(is_larger, simd.splat_u32s(corner as u32), largest_at);
    }
    if relu {
        let zero = simd.splat_f32s(0.0);
        let is_zero = simd.less_than_or_equal_f32s(largest, zero);
        largest = simd.select_f32s(is_zero, zero, largest);
        largest_at = simd.select_u32s(is_zero, simd.splat_u32s(u32::from(NO_GRADIENT)), largest_at);
    }
    write(simd, &mut output[at..], left, v, largest);
    if !argmax.is_empty() {
        write_bytes::<S>(&mut argmax[at..], left, v, largest_at);
    }
}

/// Writes vector `v` of a block to `out`, which has room for `left` features.
#[inline(always)]
pub(crate) fn write<S: Simd>(
    simd: S,
    out: &mut [MaybeUninit<f32>],
    left: usize,
    v: usize,
    value: S::f32s,
) {
    let offset = v * S::F32_LANES;
    if offset < left {
        let count = (left - offset).min(S::F32_LANES);
        let out = &mut out[offset..offset + count];
        // SAFETY: `out` has room for `count` numbers.
        unsafe { store_first(simd, out.as_mut_ptr().cast(), value, count) };
    }
}

/// Writes vector `v` of a block as one byte per feature.
#[inline(always)]
fn write_bytes<S: Simd>(out: &mut [MaybeUninit<u8>], left: usize, v: usize, value: S::u32s) {
    let offset = v * S::F32_LANES;
    if offset < left {
        let count = (left - offset).min(S::F32_LANES);
        // SAFETY: a vector of `u32` is as many of them, without padding.
        let value =
            unsafe { std::slice::from_raw_parts((&raw const value).cast::<u32>(), S::F32_LANES) };
        if count == S::F32_LANES {
            for (out, value) in out[offset..offset + S::F32_LANES].iter_mut().zip(value) {
                out.write(*value as u8);
            }
        } else {
            for (out, value) in out[offset..offset + count].iter_mut().zip(value) {
                out.write(*value as u8);
            }
        }
    }
}
