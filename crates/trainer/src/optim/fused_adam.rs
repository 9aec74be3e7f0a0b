//! Adam and `AdamW` as Burn's optimizers, in one pass over memory where the kernels can.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::{
    Adam, AdamConfig, AdamState, AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState,
    LearningRate, Optimizer,
};
use burn::tensor::{Device, Tensor};
use kernels::AdamStep;

/// Adam with what decays weights.
#[derive(Clone)]
pub struct FusedAdam {
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    decay: Decay,
    burns: Burns,
}

/// How weights decay.
#[derive(Clone, Copy)]
pub enum Decay {
    /// By a penalty on their squares, which is part of the gradient.
    L2(f32),
    /// By a share at every step, whatever the gradient.
    Decoupled(f32),
}

/// Burn's own, for tensors that the kernels do not work on.
#[derive(Clone)]
enum Burns {
    Adam(Adam),
    AdamW(AdamW),
}

impl FusedAdam {
    pub fn new(beta_1: f64, beta_2: f64, epsilon: f64, decay: Decay) -> Self {
        let [beta_1, beta_2, epsilon] = [beta_1, beta_2, epsilon].map(|value| value as f32);
        let burns = match decay {
            Decay::L2(strength) => Burns::Adam(
                AdamConfig::new()
                    .with_beta_1(beta_1)
                    .with_beta_2(beta_2)
                    .with_epsilon(epsilon)
                    .with_weight_decay(
                        (strength > 0.0).then_some(WeightDecayConfig { penalty: strength }),
                    )
                    .build(),
            ),
            Decay::Decoupled(share) => Burns::AdamW(
                AdamWConfig::new()
                    .with_beta_1(beta_1)
                    .with_beta_2(beta_2)
                    .with_epsilon(epsilon)
                    .with_weight_decay(share)
                    .build(),
            ),
        };
        Self { beta_1, beta_2, epsilon, decay, burns }
    }
}

impl Burns {
    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        match self {
            Self::Adam(adam) => adam.step(learning_rate, tensor, gradient, state),
            Self::AdamW(adam) => {
                let state = state.map(|state| AdamWState::new(state.momentum));
                let (tensor, state) = adam.step(learning_rate, tensor, gradient, state);
                (tensor, state.map(|state| AdamState::new(state.momentum)))
            }
        }
    }
}

impl Optimizer for FusedAdam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let (time, means, squares) = match state {
            Some(AdamState { momentum }) => (momentum.time, momentum.moment_1, momentum.moment_2),
            None => (0, tensor.zeros_like(), tensor.zeros_like()),
        };
        let (l2, decay) = match self.decay {
            Decay::L2(strength) => (strength, 0.0),
            Decay::Decoupled(share) => (0.0, share),
        };
        let step = AdamStep {
            learning_rate: learning_rate as f32,
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            epsilon: self.epsilon,
            l2,
            decay,
            time: time + 1,
        };
        let state =
            |time, means, squares| AdamState::new(AdaptiveMomentumState::new(time, means, squares));
        match kernels::adam_step([tensor, means, squares], gradient, &step) {
            Ok([tensor, means, squares]) => (tensor, Some(state(time + 1, means, squares))),
            Err(([tensor, means, squares], gradient)) => {
                let before = (time > 0).then(|| state(time, means, squares));
                self.burns.step(learning_rate, tensor, gradient, before)
            }
        }
    }

    fn to_device<const D: usize>(state: AdamState<D>, device: &Device) -> AdamState<D> {
        Adam::to_device(state, device)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    fn tensor(values: impl Iterator<Item = f32>) -> Tensor<1> {
        let values: Vec<f32> = values.collect();
        let len = values.len();
        Tensor::from_data(TensorData::new(values, [len]), &Device::flex())
    }

    #[test]
    fn five_steps_agree_with_burns_own_optimizers() {
        for decay in [Decay::L2(0.0), Decay::L2(0.1), Decay::Decoupled(0.0), Decay::Decoupled(0.1)]
        {
            let fused = FusedAdam::new(0.9, 0.99, 1e-7, decay);
            let weights = tensor((0..1000).map(|index| (index as f32 * 0.37).sin()));
            let (mut ours, mut burns) = (weights.clone(), weights);
            let (mut our_state, mut burns_state) = (None, None);
            for step in 1..=5 {
                let gradient = tensor((0..1000).map(|index| ((index * step) as f32).cos()));
                (ours, our_state) = fused.step(0.01, ours, gradient.clone(), our_state);
                (burns, burns_state) = fused.burns.step(0.01, burns, gradient, burns_state);
            }
            let difference = (ours - burns).abs().max().into_scalar::<f32>();
            assert!(difference < 1e-6, "off by {difference}");
        }
    }
}
