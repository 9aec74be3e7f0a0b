//! Elementwise operations.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::memory::filled;

/// Negative numbers become zero; NaN stays.
#[inline(always)]
pub(crate) fn relu_of(number: f32) -> f32 {
    if number <= 0.0 { 0.0 } else { number }
}

/// The gradient of a ReLU's input, from that of its `output`.
#[inline(always)]
pub(crate) fn relu_gradient(gradient: f32, output: f32) -> f32 {
    if output <= 0.0 { 0.0 } else { gradient }
}

/// Numbers that one task of a thread works on.
const CHUNK: usize = 1 << 14;

/// Applies `make` to the numbers of `left` and `right`, pair by pair.
fn zip_with(left: &[f32], right: &[f32], make: impl Fn(f32, f32) -> f32 + Sync) -> Vec<f32> {
    assert_eq!(left.len(), right.len());
    let fill = |result: &mut [MaybeUninit<f32>]| {
        result
            .par_chunks_mut(CHUNK)
            .zip(left.par_chunks(CHUNK).zip(right.par_chunks(CHUNK)))
            .for_each(|(result, (left, right))| {
                for ((result, &left), &right) in result.iter_mut().zip(left).zip(right) {
                    result.write(make(left, right));
                }
            });
    };
    // SAFETY: every number is written, all slices having the same length.
    unsafe { filled(left.len(), fill) }
}

/// Adds two slices, and applies a ReLU if `relu` is set. NaN stays.
pub(crate) fn add(left: &[f32], right: &[f32], relu: bool) -> Vec<f32> {
    if relu {
        zip_with(left, right, |left, right| relu_of(left + right))
    } else {
        zip_with(left, right, |left, right| left + right)
    }
}

/// The gradient of a ReLU's input: `gradient` where `output` is not zero, else zero.
pub(crate) fn relu_gradients(gradient: &[f32], output: &[f32]) -> Vec<f32> {
    zip_with(gradient, output, relu_gradient)
}
