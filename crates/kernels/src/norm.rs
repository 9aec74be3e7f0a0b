//! Batch normalization with what follows it, on slices of numbers (Ioffe and Szegedy 2015).
//!
//! Maps are `[batch, height, width, channels]`. The loops are over channels, innermost, and are left
//! to the compiler to vectorize.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::buffer::filled;
use crate::elementwise::{rectified, through_relu};
use crate::forward::{DEAD, Epilogue};
use crate::instructions::Instructions;

/// The sizes of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapShape {
    pub batch: usize,
    pub channels: usize,
    /// Height and width.
    pub size: [usize; 2],
}

impl MapShape {
    /// Numbers in an image.
    fn image_len(&self) -> usize {
        self.size[0] * self.size[1] * self.channels
    }

    /// Numbers of a channel.
    fn count(&self) -> usize {
        self.batch * self.size[0] * self.size[1]
    }

    /// Numbers in an image after `epilogue`.
    fn output_len(&self, epilogue: Epilogue) -> usize {
        let [height, width] = epilogue.output_size(self.size);
        height * width * self.channels
    }
}

/// Mean and biased variance of every channel, `[channels]` each.
///
/// Every image's mean and sum of squared deviations are taken in turn and then merged (Chan et al.
/// 1979), in the order of the images, so that the number of threads changes nothing.
pub(crate) fn statistics(
    set: Instructions,
    shape: &MapShape,
    input: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let channels = shape.channels;
    assert_eq!(input.len(), shape.batch * shape.image_len());
    let images: Vec<Vec<f32>> = input
        .par_chunks(shape.image_len().max(1))
        .map(|image| set.run(ImageStatistics { image, channels }))
        .collect();
    let positions = (shape.size[0] * shape.size[1]) as f64;
    let mut merged = vec![(0.0_f64, 0.0_f64); channels];
    for (index, image) in images.iter().enumerate() {
        let (means, deviations) = image.split_at(channels);
        let before = index as f64 * positions;
        let share = positions / (before + positions);
        for ((mean, squares), (image_mean, image_squares)) in merged
            .iter_mut()
            .map(|(mean, squares)| (mean, squares))
            .zip(means.iter().zip(deviations))
        {
            let difference = f64::from(*image_mean) - *mean;
            *mean += difference * share;
            *squares += f64::from(*image_squares) + difference * difference * before * share;
        }
    }
    let count = shape.count() as f64;
    merged.iter().map(|(mean, squares)| (*mean as f32, (squares / count) as f32)).unzip()
}

/// Means, then sums of squared deviations from them: `[2 · channels]`.
struct ImageStatistics<'a> {
    image: &'a [f32],
    channels: usize,
}

impl WithSimd for ImageStatistics<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<f32> {
        let Self { image, channels } = self;
        let mut result = vec![0.0; 2 * channels];
        let (means, squares) = result.split_at_mut(channels);
        for position in image.chunks_exact(channels) {
            for (mean, value) in means.iter_mut().zip(position) {
                *mean += value;
            }
        }
        let count = (image.len() / channels) as f32;
        for mean in &mut *means {
            *mean /= count;
        }
        for position in image.chunks_exact(channels) {
            for ((square, mean), value) in squares.iter_mut().zip(&*means).zip(position) {
                *square += (value - mean) * (value - mean);
            }
        }
        result
    }
}

/// A normalization of maps of one shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NormBlock {
    pub shape: MapShape,
    pub epsilon: f32,
    pub epilogue: Epilogue,
    /// Whether the statistics are the batch's own: then they have a share in the gradient.
    pub training: bool,
}

/// What normalization works with, `[channels]` each.
#[derive(Clone, Copy)]
pub(crate) struct NormState<'a> {
    pub scale: &'a [f32],
    pub shift: &'a [f32],
    pub mean: &'a [f32],
    pub variance: &'a [f32],
}

impl NormBlock {
    /// 1 / standard deviation of every channel.
    fn inverse_deviations(&self, variance: &[f32]) -> Vec<f32> {
        variance.iter().map(|variance| 1.0 / (variance + self.epsilon).sqrt()).collect()
    }

    /// Normalization as a product and a sum: factors and summands.
    fn affine(&self, state: &NormState<'_>) -> (Vec<f32>, Vec<f32>) {
        let NormState { scale, shift, mean, variance } = *state;
        let factors: Vec<f32> = self
            .inverse_deviations(variance)
            .iter()
            .zip(scale)
            .map(|(inverse, scale)| inverse * scale)
            .collect();
        let summands = factors.iter().zip(mean).zip(shift);
        let summands = summands.map(|((factor, mean), shift)| shift - mean * factor).collect();
        (factors, summands)
    }

    /// The output and, with a pool and if asked for, the winners of its windows.
    pub fn forward(
        &self,
        set: Instructions,
        input: &[f32],
        state: &NormState<'_>,
        keep_winners: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        let Self { shape, epilogue, .. } = *self;
        let (factors, summands) = self.affine(state);
        let outputs = shape.output_len(epilogue);
        assert_eq!(input.len(), shape.batch * shape.image_len());
        if outputs == 0 {
            return (Vec::new(), Vec::new());
        }
        let kept = if epilogue.pool && keep_winners { shape.batch * outputs } else { 0 };
        let mut winners = vec![0; kept];
        let affine = |input: &[f32], output: &mut [MaybeUninit<f32>], winners: &mut [u8]| {
            set.run(Affine {
                shape,
                epilogue,
                factors: &factors,
                summands: &summands,
                input,
                output,
                winners,
            });
        };
        let normalize = |output: &mut [MaybeUninit<f32>]| {
            let images = input.par_chunks(shape.image_len()).zip(output.par_chunks_mut(outputs));
            if kept == 0 {
                images.for_each(|(input, output)| affine(input, output, &mut []));
            } else {
                images
                    .zip(winners.par_chunks_mut(outputs))
                    .for_each(|((input, output), winners)| affine(input, output, winners));
            }
        };
        // SAFETY: every image's output is written.
        let output = unsafe { filled(shape.batch * outputs, normalize) };
        (output, winners)
    }

    /// The gradients of input, scale and shift from that of the output.
    pub fn gradients(
        &self,
        set: Instructions,
        input: &[f32],
        state: &NormState<'_>,
        winners: &[u8],
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        let Self { shape, epilogue, .. } = *self;
        let channels = shape.channels;
        let outputs = shape.output_len(epilogue);
        assert_eq!(gradient.len(), shape.batch * outputs);
        assert!(!epilogue.pool || winners.len() == gradient.len());
        let (factors, summands) = self.affine(state);
        let inverse = self.inverse_deviations(state.variance);
        let image = |index: usize| {
            let winners = if epilogue.pool { &winners[index * outputs..][..outputs] } else { &[] };
            Image {
                shape,
                epilogue,
                factors: &factors,
                summands: &summands,
                input: &input[index * shape.image_len()..][..shape.image_len()],
                gradient: &gradient[index * outputs..][..outputs],
                winners,
            }
        };
        // Σ g and Σ g · (x - mean) of every image, merged in the order of the images.
        let sums: Vec<Vec<f32>> = (0..shape.batch)
            .into_par_iter()
            .map(|index| set.run(Sums { image: image(index), mean: state.mean }))
            .collect();
        let mut totals = vec![0.0_f64; 2 * channels];
        for sums in &sums {
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += f64::from(*sum);
            }
        }
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

/// `factor · x + summand` of every number of some images, on this thread.
pub(crate) fn affine(
    set: Instructions,
    shape: &MapShape,
    epilogue: Epilogue,
    [factors, summands]: [&[f32]; 2],
    input: &[f32],
) -> Vec<f32> {
    let outputs = shape.output_len(epilogue);
    let len = input.len() / shape.image_len() * outputs;
    let fill = |output: &mut [MaybeUninit<f32>]| {
        let images = input.chunks_exact(shape.image_len());
        for (input, output) in images.zip(output.chunks_exact_mut(outputs)) {
            let (shape, winners) = (*shape, &mut [][..]);
            set.run(Affine { shape, epilogue, factors, summands, input, output, winners });
        }
    };
    // SAFETY: every image's output is written.
    unsafe { filled(len, fill) }
}

/// Normalizes one image.
struct Affine<'a> {
    shape: MapShape,
    epilogue: Epilogue,
    factors: &'a [f32],
    summands: &'a [f32],
    input: &'a [f32],
    output: &'a mut [MaybeUninit<f32>],
    winners: &'a mut [u8],
}

impl WithSimd for Affine<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { shape, epilogue, factors, summands, input, output, winners } = self;
        let channels = shape.channels;
        let (factors, summands) = (&factors[..channels], &summands[..channels]);
        let followed = |value: f32| if epilogue.relu { rectified(value) } else { value };
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
        let mut nobody = vec![0; if winners.is_empty() { channels } else { 0 }];
        for (index, output) in output.chunks_exact_mut(channels).enumerate() {
            let window = window(&shape, input, index);
            let winners = if winners.is_empty() {
                &mut nobody[..]
            } else {
                &mut winners[index * channels..][..channels]
            };
            let output = &mut output[..channels];
            for channel in 0..channels {
                let (factor, summand) = (factors[channel], summands[channel]);
                let mut largest = window[0][channel] * factor + summand;
                let mut winner = 0;
                for (part, row) in window.iter().enumerate().skip(1) {
                    let value = row[channel] * factor + summand;
                    let wins = value > largest || value.is_nan();
                    largest = if wins { value } else { largest };
                    winner = if wins { part as u8 } else { winner };
                }
                let dead = epilogue.relu && largest <= 0.0;
                output[channel].write(if dead { 0.0 } else { largest });
                winners[channel] = if dead { DEAD } else { winner };
            }
        }
    }
}

/// The four positions, `[channels]` each, of the pooling window that makes output `index`.
#[inline(always)]
fn window<'a>(shape: &MapShape, image: &'a [f32], index: usize) -> [&'a [f32]; 4] {
    let [_, width] = shape.size;
    let (row, column) = (index / (width / 2), index % (width / 2));
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| {
        let at = (2 * row + down) * width + 2 * column + right;
        &image[at * shape.channels..][..shape.channels]
    })
}

/// One image on its way back.
#[derive(Clone, Copy)]
struct Image<'a> {
    shape: MapShape,
    epilogue: Epilogue,
    factors: &'a [f32],
    summands: &'a [f32],
    input: &'a [f32],
    gradient: &'a [f32],
    winners: &'a [u8],
}

/// Sums of the gradients, and of gradient · (number - mean), of an image: `[2 · channels]`.
struct Sums<'a> {
    image: Image<'a>,
    mean: &'a [f32],
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
            if image.epilogue.relu { through_relu(gradient, output) } else { gradient }
        };
        let mut result = vec![0.0; 2 * channels];
        let (plain, products) = result.split_at_mut(channels);
        let products = &mut products[..channels];
        let rows = image.gradient.chunks_exact(channels);
        if image.epilogue.pool {
            for (index, gradient) in rows.enumerate() {
                let window = window(&image.shape, image.input, index);
                let winners = &image.winners[index * channels..][..channels];
                let gradient = &gradient[..channels];
                for channel in 0..channels {
                    let winner = winners[channel];
                    let mut value = window[0][channel];
                    for (part, row) in window.iter().enumerate().skip(1) {
                        value = if winner == part as u8 { row[channel] } else { value };
                    }
                    let gradient = if winner == DEAD { 0.0 } else { gradient[channel] };
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
struct InputGradient<'a> {
    image: Image<'a>,
    mean: &'a [f32],
    /// What is taken from every gradient.
    level: &'a [f32],
    /// What is taken from it times (number - mean).
    slope: &'a [f32],
    of_input: &'a mut [MaybeUninit<f32>],
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
            if image.epilogue.relu { through_relu(gradient, output) } else { gradient }
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
        let nobody = vec![DEAD; channels];
        for (position, (input, of_input)) in positions.enumerate() {
            let (row, column) = (position / width, position % width);
            let part = (row % 2 * 2 + column % 2) as u8;
            let inside = row / 2 < pooled_height && column / 2 < pooled_width;
            let at = (row / 2 * pooled_width + column / 2) * channels;
            let (gradient, winners) = if inside {
                (&image.gradient[at..at + channels], &image.winners[at..at + channels])
            } else {
                (&nothing[..], &nobody[..])
            };
            let (input, gradient) = (&input[..channels], &gradient[..channels]);
            let (winners, of_input) = (&winners[..channels], &mut of_input[..channels]);
            for channel in 0..channels {
                let gradient = if winners[channel] == part { gradient[channel] } else { 0.0 };
                let shared = level[channel] + slope[channel] * (input[channel] - mean[channel]);
                of_input[channel].write(factors[channel] * gradient - shared);
            }
        }
    }
}
