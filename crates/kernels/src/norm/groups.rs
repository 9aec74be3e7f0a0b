//! Normalization of every image by the statistics of its own groups of channels (Wu and He 2018),
//! fused with its epilogue.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::forward::{Affine, normalize_images, normalize_on_this_thread};
use super::gradient::{Image, InputGradient, Sums, totals};
use super::shape::MapShape;
use super::statistics::ImageStatistics;
use crate::epilogue::Epilogue;
use crate::memory::filled;
use crate::simd::Instructions;

/// A group normalization of maps of one shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupNormalization {
    pub set: Instructions,
    pub shape: MapShape,
    /// Groups of as many neighbouring channels; they divide the channels.
    pub groups: usize,
    pub epsilon: f32,
    pub epilogue: Epilogue,
}

/// The normalization of one image, `[channels]` each.
struct ImageNorm {
    /// Mean of the channel's group.
    mean: Vec<f32>,
    /// 1 / standard deviation of the channel's group.
    inverse: Vec<f32>,
    /// The normalization is `factor · x + summand`.
    factors: Vec<f32>,
    summands: Vec<f32>,
}

impl GroupNormalization {
    fn image_norm(&self, image: &[f32], [scale, shift]: [&[f32]; 2]) -> ImageNorm {
        let Self { set, shape, groups, epsilon, .. } = *self;
        let channels = shape.channels;
        let of_channels = set.run(ImageStatistics { image, channels });
        let (means, squares) = of_channels.split_at(channels);
        let positions = (shape.size[0] * shape.size[1]) as f64;
        let size = channels / groups;
        let mut mean = Vec::with_capacity(channels);
        let mut inverse = Vec::with_capacity(channels);
        for (means, squares) in means.chunks_exact(size).zip(squares.chunks_exact(size)) {
            let of_group = means.iter().copied().map(f64::from).sum::<f64>() / size as f64;
            let deviations = means.iter().zip(squares).map(|(mean, squares)| {
                let difference = f64::from(*mean) - of_group;
                f64::from(*squares) + positions * difference * difference
            });
            let variance = deviations.sum::<f64>() / (positions * size as f64);
            mean.extend(std::iter::repeat_n(of_group as f32, size));
            let of_group = 1.0 / (variance + f64::from(epsilon)).sqrt();
            inverse.extend(std::iter::repeat_n(of_group as f32, size));
        }
        let factors: Vec<f32> =
            inverse.iter().zip(scale).map(|(inverse, scale)| inverse * scale).collect();
        let summands = shift.iter().zip(&mean).zip(&factors);
        let summands = summands.map(|((shift, mean), factor)| shift - mean * factor).collect();
        ImageNorm { mean, inverse, factors, summands }
    }

    /// Computes the output and, with a pool and if `keep_argmax` is set, the argmax of every
    /// pooling window. `parameters` are scale and shift, `[channels]` each.
    pub fn forward(
        &self,
        input: &[f32],
        parameters: [&[f32]; 2],
        keep_argmax: bool,
    ) -> (Vec<f32>, Vec<u8>) {
        let Self { set, shape, epilogue, .. } = *self;
        normalize_images(&shape, epilogue, input, keep_argmax, |input, output, argmax| {
            let ImageNorm { factors, summands, .. } = self.image_norm(input, parameters);
            let (factors, summands) = (&factors, &summands);
            set.run(Affine { shape, epilogue, factors, summands, input, output, argmax });
        })
    }

    /// Computes the output for some images on this thread.
    pub fn forward_on_this_thread(&self, input: &[f32], parameters: [&[f32]; 2]) -> Vec<f32> {
        let Self { set, shape, epilogue, .. } = *self;
        normalize_on_this_thread(&shape, epilogue, input, |input, output| {
            let ImageNorm { factors, summands, .. } = self.image_norm(input, parameters);
            let (factors, summands, argmax) = (&factors, &summands, &mut [][..]);
            set.run(Affine { shape, epilogue, factors, summands, input, output, argmax });
        })
    }

    /// The gradients of input, scale and shift from that of the output.
    ///
    /// With n numbers in a group, `dx = (γ·g - Σγg / n - x̂ · Σ(γ·g·x̂) / n) / deviation`, where the
    /// sums are over the group.
    pub fn gradients(
        &self,
        input: &[f32],
        parameters: [&[f32]; 2],
        argmax: &[u8],
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        let Self { set, shape, groups, epilogue, .. } = *self;
        let (channels, image_len) = (shape.channels, shape.image_len());
        let outputs = shape.output_len(epilogue);
        assert_eq!(gradient.len(), shape.batch * outputs);
        assert!(!epilogue.pool || argmax.len() == gradient.len());
        let [scale, _] = parameters;
        let size = channels / groups;
        let count = (shape.size[0] * shape.size[1] * size) as f32;
        // Writes the gradient of an image; Σ g and Σ g · x̂ of every channel, `[2 · channels]`.
        let of_image = |index: usize, of_input: &mut [MaybeUninit<f32>]| -> Vec<f32> {
            let input = &input[index * image_len..][..image_len];
            let ImageNorm { mean, inverse, factors, summands } = self.image_norm(input, parameters);
            let image = Image {
                shape,
                epilogue,
                factors: &factors,
                summands: &summands,
                input,
                gradient: &gradient[index * outputs..][..outputs],
                argmax: if epilogue.pool { &argmax[index * outputs..][..outputs] } else { &[] },
            };
            let mut sums = set.run(Sums { image, mean: &mean });
            let (plain, products) = sums.split_at_mut(channels);
            for (product, inverse) in products.iter_mut().zip(&inverse) {
                *product *= inverse;
            }
            let shared = |sums: &[f32]| -> Vec<f32> {
                let weighted: Vec<f32> = sums.iter().zip(scale).map(|(sum, s)| sum * s).collect();
                let groups = weighted.chunks_exact(size).map(|group| group.iter().sum::<f32>());
                groups.flat_map(|sum| std::iter::repeat_n(sum / count, size)).collect()
            };
            let scaled = |numbers: Vec<f32>| -> Vec<f32> {
                numbers.iter().zip(&inverse).map(|(number, inverse)| number * inverse).collect()
            };
            let level = scaled(shared(plain));
            let slope = scaled(scaled(shared(products)));
            set.run(InputGradient { image, mean: &mean, level: &level, slope: &slope, of_input });
            sums
        };
        let mut sums = Vec::new();
        let fill = |of_input: &mut [MaybeUninit<f32>]| {
            let images = of_input.par_chunks_mut(image_len.max(1)).enumerate();
            sums = images.map(|(index, of_input)| of_image(index, of_input)).collect();
        };
        // SAFETY: every image's gradient is written.
        let of_input = unsafe { filled(input.len(), fill) };
        let totals = totals(&sums, 2 * channels);
        let single = |numbers: &[f64]| numbers.iter().map(|number| *number as f32).collect();
        let (of_shift, of_scale) = totals.split_at(channels);
        [of_input, single(of_scale), single(of_shift)]
    }
}
