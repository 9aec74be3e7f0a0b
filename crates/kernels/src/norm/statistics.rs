//! Mean and variance of a batch.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::shape::MapShape;
use crate::simd::Instructions;

/// Mean and biased variance of every channel, `[channels]` each.
///
/// The means and the sums of squared deviations of the images are merged in the order of the images
/// (Chan et al. 1979), so that the result does not depend on the number of threads.
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

/// Means of the channels of an image, then sums of squared deviations from them: `[2 · channels]`.
pub(super) struct ImageStatistics<'a> {
    pub image: &'a [f32],
    pub channels: usize,
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
