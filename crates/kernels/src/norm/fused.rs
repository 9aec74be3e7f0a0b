//! The normalization of a map as a factor and a summand for every channel.

use super::shape::MapShape;
use crate::epilogue::Epilogue;
use crate::simd::Instructions;

/// A normalization of maps of one shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FusedNormalization {
    pub set: Instructions,
    pub shape: MapShape,
    pub epsilon: f32,
    pub epilogue: Epilogue,
    /// Whether the statistics are those of the batch, and so depend on the input.
    pub training: bool,
}

/// The parameters of a normalization, `[channels]` each.
#[derive(Clone, Copy)]
pub(crate) struct NormParameters<'a> {
    pub scale: &'a [f32],
    pub shift: &'a [f32],
    pub mean: &'a [f32],
    pub variance: &'a [f32],
}

impl FusedNormalization {
    /// 1 / standard deviation of every channel.
    pub fn inverse_deviations(&self, variance: &[f32]) -> Vec<f32> {
        variance.iter().map(|variance| 1.0 / (variance + self.epsilon).sqrt()).collect()
    }

    /// The normalization as `factor · x + summand`: factors and summands of every channel.
    pub fn affine(&self, state: &NormParameters<'_>) -> (Vec<f32>, Vec<f32>) {
        let NormParameters { scale, shift, mean, variance } = *state;
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
}
