//! The gradients of a normalization.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::fused::{FusedNormalization, NormParameters};
use super::shape::{MapShape, window};
use crate::elementwise::relu_gradient;
use crate::epilogue::{Epilogue, NO_GRADIENT};
use crate::memory::filled;

impl FusedNormalization {
    /// The gradients of input, scale and shift from that of the output.
    pub fn gradients(
        &self,
        input: &[f32],
        state: &NormParameters<'_>,
        argmax: &[u8],
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        let Self { set, shape, epilogue, .. } = *self;
        let channels = shape.channels;
        let outputs = shape.output_len(epilogue);
        assert_eq!(gradient.len(), shape.batch * outputs);
        assert!(!epilogue.pool || argmax.len() == gradient.len());
        let (factors, summands) = self.affine(state);
        let inverse = self.inverse_deviations(state.variance);
        let image = |index: usize| {
            let argmax = if epilogue.pool { &argmax[index * outputs..][..outputs] } else { &[] };
            Image {
                shape,
                epilogue,
                factors: &factors,
                summands: &summands,
                input: &input[index * shape.image_len()..][..shape.image_len()],
                gradient: &gradient[index * outputs..][..outputs],
                argmax,
            }
        };
        // Σ g and Σ g · (x - mean) of every image.
        let sums: Vec<Vec<f32>> = (0..shape.batch)
            .into_par_iter()
            .map(|index| set.run(Sums { image: image(index), mean: state.mean }))
            .collect();
        let totals = totals(&sums, 2 * channels);
        let (of_shift, of_scale) = totals.split_at(channels);
        let of_scale: Vec<f64> =
            of_scale.iter().zip(&inverse).map(|(sum, inverse)| sum * f64::from(*inverse)).collect();
        // dx = factor · (g - Σg / n - x̂ · Σ(g · x̂) / n)
        let count = if self.training { shape.count() as f64 } else { f64::INFINITY };
        let level: Vec<f32> = of_shift
            .iter()
            .zip(&factors)
            .map(|(sum, factor)| (f64::from(*factor) * sum / count) as f32)
            .collect();
        let slope: Vec<f32> = of_scale
            .iter()
            .zip(factors.iter().zip(&inverse))
            .map(|(sum, (factor, inverse))| {
                (f64::from(*factor) * f64::from(*inverse) * sum / count) as f32
            })
            .collect();
        let spread = |of_input: &mut [MaybeUninit<f32>]| {
            of_input.par_chunks_mut(shape.image_len().max(1)).enumerate().for_each(
                |(index, of_input)| {
                    let (image, mean) = (image(index), state.mean);
                    set.run(InputGradient { image, mean, level: &level, slope: &slope, of_input });
                },
            );
        };
        // SAFETY: every image's gradient is written.
        let of_input = unsafe { filled(input.len(), spread) };
        let single = |numbers: &[f64]| numbers.iter().map(|number| *number as f32).collect();
        [of_input, single(&of_scale), single(of_shift)]
    }
}

/// The sums of all images, `[len]`, merged in the order of the images.
pub(super) fn totals(of_images: &[Vec<f32>], len: usize) -> Vec<f64> {
    let mut totals = vec![0.0; len];
    for sums in of_images {
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total += f64::from(*sum);
        }
    }
    totals
}

/// One image of the backward pass.
#[derive(Clone, Copy)]
pub(super) struct Image<'a> {
    pub shape: MapShape,
    pub epilogue: Epilogue,
    pub factors: &'a [f32],
    pub summands: &'a [f32],
    pub input: &'a [f32],
    pub gradient: &'a [f32],
    pub argmax: &'a [u8],
}

/// Sums of the gradients, and of gradient · (number - mean), of an image: `[2 · channels]`.
pub(super) struct Sums<'a> {
    pub image: Image<'a>,
    pub mean: &'a [f32],
}

impl WithSimd for Sums<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<f32> {
        let Self { image, mean } = self;
        let channels = image.shape.channels;
        // Slices whose length the compiler can see to be enough need no checks inside the loops.
        let mean = &mean[..channels];
        let (factors, summands) = (&image.factors[..channels], &image.summands[..channels]);
        let passed = |gradient: f32, output: f32| {
            if image.epilogue.relu { relu_gradient(gradient, output) } else { gradient }
        };
        let mut result = vec![0.0; 2 * channels];
        let (plain, products) = result.split_at_mut(channels);
        let products = &mut products[..channels];
        let rows = image.gradient.chunks_exact(channels);
        if image.epilogue.pool {
            for (index, gradient) in rows.enumerate() {
                let window = window(&image.shape, image.input, index);
                let argmax = &image.argmax[index * channels..][..channels];
                let gradient = &gradient[..channels];
                for channel in 0..channels {
                    let largest_at = argmax[channel];
                    let mut value = window[0][channel];
                    for (corner, row) in window.iter().enumerate().skip(1) {
                        value = if largest_at == corner as u8 { row[channel] } else { value };
                    }
                    let gradient = if largest_at == NO_GRADIENT { 0.0 } else { gradient[channel] };
                    plain[channel] += gradient;
                    products[channel] += gradient * (value - mean[channel]);
                }
            }
        } else {
            for (input, gradient) in image.input.chunks_exact(channels).zip(rows) {
                let (input, gradient) = (&input[..channels], &gradient[..channels]);
                for channel in 0..channels {
                    let value = input[channel];
                    let output = value * factors[channel] + summands[channel];
                    let gradient = passed(gradient[channel], output);
                    plain[channel] += gradient;
                    products[channel] += gradient * (value - mean[channel]);
                }
            }
        }
        result
    }
}

/// The gradient of one image.
pub(super) struct InputGradient<'a> {
    pub image: Image<'a>,
    pub mean: &'a [f32],
    /// Subtracted from every gradient.
    pub level: &'a [f32],
    /// Multiplied by (number - mean) and subtracted.
    pub slope: &'a [f32],
    pub of_input: &'a mut [MaybeUninit<f32>],
}

impl WithSimd for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { image, mean, level, slope, of_input } = self;
        let channels = image.shape.channels;
        let (mean, level, slope) = (&mean[..channels], &level[..channels], &slope[..channels]);
        let (factors, summands) = (&image.factors[..channels], &image.summands[..channels]);
        let passed = |gradient: f32, output: f32| {
            if image.epilogue.relu { relu_gradient(gradient, output) } else { gradient }
        };
        let [_, width] = image.shape.size;
        let positions = image.input.chunks_exact(channels).zip(of_input.chunks_exact_mut(channels));
        if !image.epilogue.pool {
            for ((input, of_input), gradient) in
                positions.zip(image.gradient.chunks_exact(channels))
            {
                let (input, gradient) = (&input[..channels], &gradient[..channels]);
                let of_input = &mut of_input[..channels];
                for channel in 0..channels {
                    let value = input[channel];
                    let output = value * factors[channel] + summands[channel];
                    let gradient = passed(gradient[channel], output);
                    let shared = level[channel] + slope[channel] * (value - mean[channel]);
                    of_input[channel].write(factors[channel] * gradient - shared);
                }
            }
            return;
        }
        let [pooled_height, pooled_width] = [image.shape.size[0] / 2, width / 2];
        let nothing = vec![0.0; channels];
        let no_argmax = vec![NO_GRADIENT; channels];
        for (position, (input, of_input)) in positions.enumerate() {
            let (row, column) = (position / width, position % width);
            let corner = (row % 2 * 2 + column % 2) as u8;
            let inside = row / 2 < pooled_height && column / 2 < pooled_width;
            let at = (row / 2 * pooled_width + column / 2) * channels;
            let (gradient, argmax) = if inside {
                (&image.gradient[at..at + channels], &image.argmax[at..at + channels])
            } else {
                (&nothing[..], &no_argmax[..])
            };
            let (input, gradient) = (&input[..channels], &gradient[..channels]);
            let (argmax, of_input) = (&argmax[..channels], &mut of_input[..channels]);
            for channel in 0..channels {
                let gradient = if argmax[channel] == corner { gradient[channel] } else { 0.0 };
                let shared = level[channel] + slope[channel] * (input[channel] - mean[channel]);
                of_input[channel].write(factors[channel] * gradient - shared);
            }
        }
    }
}
