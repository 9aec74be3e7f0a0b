//! Normalization forward, fused with the ReLU and the pool behind it.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::fused::{FusedNormalization, NormParameters};
use super::shape::{MapShape, window};
use crate::elementwise::relu_of;
use crate::epilogue::{Epilogue, NO_GRADIENT};
use crate::memory::filled;
use crate::simd::Instructions;

impl FusedNormalization {
    /// Computes the output and, with a pool and if `keep_argmax` is set, the argmax of every
    /// pooling window.
    pub fn forward(
        &self,
        input: &[f32],
        state: &NormParameters<'_>,
        keep_argmax: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        let Self { set, shape, epilogue, .. } = *self;
        let (factors, summands) = self.affine(state);
        let (factors, summands) = (&factors, &summands);
        normalize_images(&shape, epilogue, input, keep_argmax, |input, output, argmax| {
            set.run(Affine { shape, epilogue, factors, summands, input, output, argmax });
        })
    }
}

/// Runs `normalize` on every image: on its numbers, its output, and room for the argmax of every
/// pooling window, empty without a pool and unless `keep_argmax` is set. `normalize` must write the
/// whole output.
pub(super) fn normalize_images(
    shape: &MapShape,
    epilogue: Epilogue,
    input: &[f32],
    keep_argmax: bool,
    normalize: impl Fn(&[f32], &mut [MaybeUninit<f32>], &mut [u8]) + Sync,
) -> (Vec<f32>, Vec<u8>) {
    let outputs = shape.output_len(epilogue);
    assert_eq!(input.len(), shape.batch * shape.image_len());
    if outputs == 0 {
        return (Vec::new(), Vec::new());
    }
    let kept = if epilogue.pool && keep_argmax { shape.batch * outputs } else { 0 };
    let mut argmax = vec![0; kept];
    let fill = |output: &mut [MaybeUninit<f32>]| {
        let images = input.par_chunks(shape.image_len()).zip(output.par_chunks_mut(outputs));
        if kept == 0 {
            images.for_each(|(input, output)| normalize(input, output, &mut []));
        } else {
            images
                .zip(argmax.par_chunks_mut(outputs))
                .for_each(|((input, output), argmax)| normalize(input, output, argmax));
        }
    };
    // SAFETY: every image's output is written.
    let output = unsafe { filled(shape.batch * outputs, fill) };
    (output, argmax)
}

/// Computes `factor · x + summand` for every channel of some images on this thread, and applies
/// `epilogue`.
pub(crate) fn affine(
    set: Instructions,
    shape: &MapShape,
    epilogue: Epilogue,
    [factors, summands]: [&[f32]; 2],
    input: &[f32],
) -> Vec<f32> {
    normalize_on_this_thread(shape, epilogue, input, |input, output| {
        let (shape, argmax) = (*shape, &mut [][..]);
        set.run(Affine { shape, epilogue, factors, summands, input, output, argmax });
    })
}

/// Runs `normalize` on every image, on its numbers and its output, which it must write as a whole.
pub(super) fn normalize_on_this_thread(
    shape: &MapShape,
    epilogue: Epilogue,
    input: &[f32],
    normalize: impl Fn(&[f32], &mut [MaybeUninit<f32>]),
) -> Vec<f32> {
    let outputs = shape.output_len(epilogue);
    let len = input.len() / shape.image_len() * outputs;
    let fill = |output: &mut [MaybeUninit<f32>]| {
        let images = input.chunks_exact(shape.image_len());
        for (input, output) in images.zip(output.chunks_exact_mut(outputs)) {
            normalize(input, output);
        }
    };
    // SAFETY: every image's output is written.
    unsafe { filled(len, fill) }
}

/// Normalizes one image.
pub(super) struct Affine<'a> {
    pub shape: MapShape,
    pub epilogue: Epilogue,
    pub factors: &'a [f32],
    pub summands: &'a [f32],
    pub input: &'a [f32],
    pub output: &'a mut [MaybeUninit<f32>],
    pub argmax: &'a mut [u8],
}

impl WithSimd for Affine<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { shape, epilogue, factors, summands, input, output, argmax } = self;
        let channels = shape.channels;
        let (factors, summands) = (&factors[..channels], &summands[..channels]);
        let followed = |value: f32| if epilogue.relu { relu_of(value) } else { value };
        if !epilogue.pool {
            for (input, output) in
                input.chunks_exact(channels).zip(output.chunks_exact_mut(channels))
            {
                let parameters = factors.iter().zip(summands);
                for ((output, value), (factor, summand)) in
                    output.iter_mut().zip(input).zip(parameters)
                {
                    output.write(followed(value * factor + summand));
                }
            }
            return;
        }
        let mut no_argmax = vec![0; if argmax.is_empty() { channels } else { 0 }];
        for (index, output) in output.chunks_exact_mut(channels).enumerate() {
            let window = window(&shape, input, index);
            let argmax = if argmax.is_empty() {
                &mut no_argmax[..]
            } else {
                &mut argmax[index * channels..][..channels]
            };
            let output = &mut output[..channels];
            for channel in 0..channels {
                let (factor, summand) = (factors[channel], summands[channel]);
                let mut largest = window[0][channel] * factor + summand;
                let mut largest_at = 0;
                for (corner, row) in window.iter().enumerate().skip(1) {
                    let value = row[channel] * factor + summand;
                    let is_larger = value > largest || value.is_nan();
                    largest = if is_larger { value } else { largest };
                    largest_at = if is_larger { corner as u8 } else { largest_at };
                }
                let is_zero = epilogue.relu && largest <= 0.0;
                output[channel].write(if is_zero { 0.0 } else { largest });
                argmax[channel] = if is_zero { NO_GRADIENT } else { largest_at };
            }
        }
    }
}
