//! Loads and stores of whole vectors.

use pulp::Simd;

/// The vector at `from`, which need not be aligned.
///
/// # Safety
/// `S::F32_LANES` numbers must be readable from `from`.
#[inline(always)]
pub(crate) unsafe fn load<S: Simd>(_simd: S, from: *const f32) -> S::f32s {
    // SAFETY: the caller guarantees the memory; every bit pattern is a valid vector.
    unsafe { from.cast::<S::f32s>().read_unaligned() }
}

/// Writes `value` to `to`, which need not be aligned.
///
/// # Safety
/// `S::F32_LANES` numbers must be writable from `to`.
#[inline(always)]
pub(crate) unsafe fn store<S: Simd>(_simd: S, to: *mut f32, value: S::f32s) {
    // SAFETY: the caller guarantees the memory.
    unsafe { to.cast::<S::f32s>().write_unaligned(value) }
}

/// Writes the first `count` lanes of `value` to `to`.
///
/// # Safety
/// `count.min(S::F32_LANES)` numbers must be writable from `to`.
#[inline(always)]
pub(crate) unsafe fn store_first<S: Simd>(simd: S, to: *mut f32, value: S::f32s, count: usize) {
    if count >= S::F32_LANES {
        // SAFETY: the caller guarantees a whole vector.
        unsafe { store(simd, to, value) }
    } else {
        // SAFETY: the caller guarantees `count` numbers, fewer than a vector holds.
        let to = unsafe { std::slice::from_raw_parts_mut(to, count) };
        simd.partial_store_f32s(to, value);
    }
}

/// The first `count` lanes from `from`, zeros behind them.
///
/// # Safety
/// `count.min(S::F32_LANES)` numbers must be readable from `from`.
#[inline(always)]
pub(crate) unsafe fn load_first<S: Simd>(simd: S, from: *const f32, count: usize) -> S::f32s {
    if count >= S::F32_LANES {
        // SAFETY: the caller guarantees a whole vector.
        unsafe { load(simd, from) }
    } else {
        // SAFETY: the caller guarantees `count` numbers, fewer than a vector holds.
        let from = unsafe { std::slice::from_raw_parts(from, count) };
        simd.partial_load_f32s(from)
    }
}

/// `a · b + c`, rounded once where the processor can.
#[inline(always)]
pub(crate) fn multiply_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    // SSE has no such instruction, and pulp calls a library function for every lane instead.
    if cfg!(target_arch = "x86_64") && S::F32_LANES == 4 {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    } else {
        simd.mul_add_e_f32s(a, b, c)
    }
}
