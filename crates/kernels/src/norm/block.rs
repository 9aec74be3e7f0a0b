//! The normalization of a map as a factor and a summand for every channel.

use super::shape::MapShape;
use crate::epilogue::Epilogue;

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
    pub fn inverse_deviations(&self, variance: &[f32]) -> Vec<f32> {
        variance.iter().map(|variance| 1.0 / (variance + self.epsilon).sqrt()).collect()
    }

    /// Normalization as a product and a sum: factors and summands.
    pub fn affine(&self, state: &NormState<'_>) -> (Vec<f32>, Vec<f32>) {
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
}
