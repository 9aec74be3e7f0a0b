//! A step of Adam or `AdamW` in one pass over memory.

use burn::tensor::Tensor;

/// The numbers of a step (Kingma and Ba 2014; Loshchilov and Hutter 2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// How far to go.
    pub learning_rate: f32,
    /// Decay of the mean of gradients, in [0, 1).
    pub beta_1: f32,
    /// Decay of the mean of squared gradients, in [0, 1).
    pub beta_2: f32,
    /// Added to the divisor.
    pub epsilon: f32,
    /// Share of every weight that is added to its gradient.
    pub l2: f32,
    /// Share of every weight that is taken away, times the learning rate.
    pub decay: f32,
    /// Which step this is, from 1 on.
    pub time: usize,
}

/// A parameter with its means of gradients and of squared gradients.
pub type AdamParameter<const D: usize> = [Tensor<D>; 3];

/// Takes a step; hands everything back unchanged where the kernels do not work on such tensors.
///
/// # Errors
/// With the tensors, when they are not of `f32` on the flex backend, or the kernels are off.
#[allow(clippy::result_large_err)] // What is handed back is what came.
pub fn adam_step<const D: usize>(
    parameter: AdamParameter<D>,
    gradient: Tensor<D>,
    step: &AdamStep,
) -> Result<AdamParameter<D>, (AdamParameter<D>, Tensor<D>)> {
    #[cfg(feature = "flex")]
    if crate::flex::takes(&gradient) {
        return Ok(crate::flex::adam_step(parameter, gradient, step));
    }
    let _ = step;
    Err((parameter, gradient))
}

/// The same on slices: weights, both means, gradients.
#[cfg(feature = "flex")]
pub(crate) fn step(
    set: crate::Instructions,
    [weights, means, squares]: [&mut [f32]; 3],
    gradients: &[f32],
    step: &AdamStep,
) {
    use rayon::prelude::*;

    const CHUNK: usize = 1 << 13;
    // Neither power changes any more long before 2³¹ steps.
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

/// What is the same for every weight.
#[cfg(feature = "flex")]
#[derive(Clone, Copy)]
struct Factors {
    gain: f32,
    epsilon: f32,
    kept: f32,
    step: AdamStep,
}

#[cfg(feature = "flex")]
struct Chunk<'a> {
    weights: &'a mut [f32],
    means: &'a mut [f32],
    squares: &'a mut [f32],
    gradients: &'a [f32],
    factors: Factors,
}

#[cfg(feature = "flex")]
impl pulp::WithSimd for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) {
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
