//! Batch and group normalization, fused with the ReLU and the pool behind it.

use burn::tensor::Tensor;
use burn::tensor::module::{batch_norm, batch_norm_train};

use super::fallback;
use crate::epilogue::Epilogue;

/// A normalized batch and its statistics.
#[derive(Clone, Debug)]
pub struct Normalized {
    /// `[batch, channels, height, width]`, halved by a pool.
    pub output: Tensor<4>,
    /// Mean of every channel, without gradient: `[channels]`.
    pub mean: Tensor<1>,
    /// Biased variance of every channel, without gradient: `[channels]`.
    pub variance: Tensor<1>,
}

/// Normalizes every channel of `input` by the statistics of the batch, multiplies by `scale`, adds
/// `shift` and applies `epilogue`.
///
/// # Shapes
/// `input`: `[batch, channels, height, width]`, `scale` and `shift`: `[channels]`.
#[must_use]
pub fn normalize_batch(
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    epsilon: f64,
    epilogue: Epilogue,
) -> Normalized {
    #[cfg(feature = "flex")]
    if let Some(set) = crate::flex::instructions_for(&input) {
        let (output, [mean, variance]) =
            crate::flex::normalize_batch(set, input, scale, shift, epsilon, epilogue);
        return Normalized { output, mean, variance };
    }
    let result = batch_norm_train(input, scale, shift, epsilon);
    Normalized {
        output: fallback::followed_by(result.output, epilogue),
        mean: result.mean.detach(),
        variance: result.variance.detach(),
    }
}

/// Normalizes as [`normalize_batch`] does, but by the given `mean` and `variance`, `[channels]`
/// each.
#[must_use]
pub fn normalize(
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    [mean, variance]: [Tensor<1>; 2],
    epsilon: f64,
    epilogue: Epilogue,
) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(set) = crate::flex::instructions_for(&input) {
        return crate::flex::normalize(
            set,
            input,
            scale,
            shift,
            [mean, variance],
            epsilon,
            epilogue,
        );
    }
    fallback::followed_by(batch_norm(input, scale, shift, mean, variance, epsilon), epilogue)
}

/// Normalizes every image by the mean and the variance of its own `groups` of neighbouring channels
/// (Wu and He 2018), multiplies by `scale`, adds `shift` and applies `epilogue`.
///
/// # Shapes
/// `input`: `[batch, channels, height, width]`, `scale` and `shift`: `[channels]`.
///
/// # Panics
/// Panics unless `groups` divides the channels.
#[must_use]
pub fn normalize_groups(
    input: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    groups: usize,
    epsilon: f64,
    epilogue: Epilogue,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    assert!(groups > 0 && channels.is_multiple_of(groups), "groups that divide the channels");
    #[cfg(feature = "flex")]
    if let Some(set) = crate::flex::instructions_for(&input) {
        return crate::flex::normalize_groups(set, input, scale, shift, groups, epsilon, epilogue);
    }
    let rows = input.reshape([batch, groups, channels / groups * height * width]);
    let deviations = rows.clone() - rows.mean_dim(2);
    let variance = deviations.clone().powi_scalar(2).mean_dim(2);
    let normalized = deviations / (variance + epsilon).sqrt();
    let normalized = normalized.reshape([batch, channels, height, width]);
    let [scale, shift] = [scale, shift].map(|numbers| numbers.reshape([1, channels, 1, 1]));
    fallback::followed_by(normalized * scale + shift, epilogue)
}
