//! What is done to one number after the other.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::memory::filled;

/// Negative numbers become zero; NaN stays.
#[inline(always)]
pub(crate) fn rectified(number: f32) -> f32 {
    if number <= 0.0 { 0.0 } else { number }
}

/// The gradient that gets through a ReLU with this `output`.
#[inline(always)]
pub(crate) fn through_relu(gradient: f32, output: f32) -> f32 {
    if output <= 0.0 { 0.0 } else { gradient }
}

/// Numbers that a thread works on at once.
const CHUNK: usize = 1 << 14;

/// `make` of the numbers at the same place in `left` and `right`, for every place.
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

/// `left + right`, and the ReLU of it if asked for; NaN stays.
pub(crate) fn add(left: &[f32], right: &[f32], relu: bool) -> Vec<f32> {
    if relu {
        zip_with(left, right, |left, right| rectified(left + right))
    } else {
        zip_with(left, right, |left, right| left + right)
    }
}

/// `gradient` where `output`, of a ReLU, is not zero.
pub(crate) fn masked(gradient: &[f32], output: &[f32]) -> Vec<f32> {
    zip_with(gradient, output, through_relu)
}
