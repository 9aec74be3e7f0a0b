//! A step of Adam or `AdamW` on slices of numbers, in one pass over memory.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::simd::Instructions;

/// The hyperparameters of a step (Kingma and Ba 2014; Loshchilov and Hutter 2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Step size.
    pub learning_rate: f32,
    /// Decay of the mean of gradients, in [0, 1).
    pub beta_1: f32,
    /// Decay of the mean of squared gradients, in [0, 1).
    pub beta_2: f32,
    /// Added to the divisor.
    pub epsilon: f32,
    /// L2 penalty: this share of every weight is added to its gradient.
    pub l2: f32,
    /// Decoupled weight decay: this share of every weight, times the learning rate, is subtracted.
    pub decay: f32,
    /// Number of this step, from 1 on.
    pub time: usize,
}

/// Updates weights, the mean of gradients and the mean of their squares.
pub(crate) fn step(
    set: Instructions,
    [weights, means, squares]: [&mut [f32]; 3],
    gradients: &[f32],
    step: &AdamStep,
) {
    const CHUNK: usize = 1 << 13;
    // Both powers reach zero long before 2³¹ steps.
    let time = i32::try_from(step.time).unwrap_or(i32::MAX);
    let correction = (1.0 - step.beta_2.powi(time)).sqrt();
    let factors = Factors {
        gain: step.learning_rate * correction / (1.0 - step.beta_1.powi(time)),
        epsilon: step.epsilon * correction,
        kept: 1.0 - step.learning_rate * step.decay,
        step: *step,
    };
    weights
        .par_chunks_mut(CHUNK)
        .zip(means.par_chunks_mut(CHUNK).zip(squares.par_chunks_mut(CHUNK)))
        .zip(gradients.par_chunks(CHUNK))
        .for_each(|((weights, (means, squares)), gradients)| {
            set.run(Chunk { weights, means, squares, gradients, factors });
        });
}

/// Factors that all weights share.
#[derive(Clone, Copy)]
struct Factors {
    gain: f32,
    epsilon: f32,
    kept: f32,
    step: AdamStep,
}

struct Chunk<'a> {
    weights: &'a mut [f32],
    means: &'a mut [f32],
    squares: &'a mut [f32],
    gradients: &'a [f32],
    factors: Factors,
}

impl WithSimd for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { weights, means, squares, gradients, factors } = self;
        let Factors { gain, epsilon, kept, step } = factors;
        let AdamStep { beta_1, beta_2, l2, .. } = step;
        let state = weights.iter_mut().zip(means).zip(squares.iter_mut().zip(gradients));
        for ((weight, mean), (square, gradient)) in state {
            let gradient = gradient + l2 * *weight;
            *mean = beta_1 * *mean + (1.0 - beta_1) * gradient;
            *square = beta_2 * *square + (1.0 - beta_2) * gradient * gradient;
            *weight = kept * *weight - gain * *mean / (square.sqrt() + epsilon);
        }
    }
}
