//! Batch normalization, and what may follow it, as one operation on tensors.

use burn::tensor::Tensor;
use burn::tensor::module::{batch_norm, batch_norm_train};

use super::fallback;
use crate::epilogue::Epilogue;

/// A normalized batch and the statistics it was normalized by.
#[derive(Clone, Debug)]
pub struct Normalized {
    /// `[batch, channels, height, width]`, halved by a pool.
    pub output: Tensor<4>,
    /// Mean of every channel, without gradient: `[channels]`.
    pub mean: Tensor<1>,
    /// Biased variance of every channel, without gradient: `[channels]`.
    pub variance: Tensor<1>,
}

/// Normalizes every channel of `input` by the batch's own statistics, times `scale`, plus `shift`,
/// then does what `epilogue` says.
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
    if crate::flex::takes(&input) {
        let (output, [mean, variance]) =
            crate::flex::normalize_batch(input, scale, shift, epsilon, epilogue);
        return Normalized { output, mean, variance };
    }
    let result = batch_norm_train(input, scale, shift, epsilon);
    Normalized {
        output: fallback::followed_by(result.output, epilogue),
        mean: result.mean.detach(),
        variance: result.variance.detach(),
    }
}

/// The same by statistics that are given: `mean` and `variance`, `[channels]`.
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
    if crate::flex::takes(&input) {
        return crate::flex::normalize(input, scale, shift, [mean, variance], epsilon, epilogue);
    }
    fallback::followed_by(batch_norm(input, scale, shift, mean, variance, epsilon), epilogue)
}
