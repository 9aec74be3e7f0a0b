//! `[optimizer]`: Burn's optimizers and their keys.

use burn::grad_clipping::GradientClipping;
use burn::module::ParamGroup;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdjustLrFn, ModuleOptimizer, MuonConfig, RmsPropConfig, SgdConfig};
use serde::{Deserialize, Serialize};

use crate::config::Invalid;
use crate::fused_adam::{Decay, FusedAdam};

/// How gradients change weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Stochastic gradient descent, with momentum if it is above 0.
    Sgd {
        /// Peak of the schedule, above 0.
        learning_rate: f64,
        /// Share of the last step that is kept, in [0, 1).
        #[serde(default)]
        momentum: f64,
        /// Nesterov's variant: the gradient is taken after the momentum's step.
        #[serde(default)]
        nesterov: bool,
        /// Strength of the L2 penalty.
        #[serde(default)]
        weight_decay: f64,
    },
    /// Adam (Kingma and Ba 2014).
    Adam {
        /// Peak of the schedule, above 0.
        learning_rate: f64,
        /// Decay of the mean of gradients, in [0, 1).
        #[serde(default = "beta_1")]
        beta_1: f64,
        /// Decay of the mean of squared gradients, in [0, 1).
        #[serde(default = "beta_2")]
        beta_2: f64,
        /// Added to the divisor, above 0.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// Strength of the L2 penalty.
        #[serde(default)]
        weight_decay: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2017).
    Adamw {
        /// Peak of the schedule, above 0.
        learning_rate: f64,
        /// Decay of the mean of gradients, in [0, 1).
        #[serde(default = "beta_1")]
        beta_1: f64,
        /// Decay of the mean of squared gradients, in [0, 1).
        #[serde(default = "beta_2")]
        beta_2: f64,
        /// Added to the divisor, above 0.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// Share of every weight taken away per step, times the learning rate.
        #[serde(default = "decoupled_weight_decay")]
        weight_decay: f64,
    },
    /// `RMSProp` (Tieleman and Hinton 2012), with momentum if it is above 0.
    Rmsprop {
        /// Peak of the schedule, above 0.
        learning_rate: f64,
        /// Decay of the mean of squared gradients, in [0, 1).
        #[serde(default = "rmsprop_decay")]
        decay: f64,
        /// Share of the last step that is kept, in [0, 1).
        #[serde(default)]
        momentum: f64,
        /// Added to the divisor, above 0.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// Strength of the L2 penalty.
        #[serde(default)]
        weight_decay: f64,
    },
    /// Muon (Jordan 2024) for the matrices of linear layers, `AdamW` for all else. Its steps are
    /// scaled to the size of `AdamW`'s, so that one learning rate fits both (Liu et al. 2025).
    Muon {
        /// Peak of the schedule, above 0.
        learning_rate: f64,
        /// Share of the last step that is kept, in [0, 1).
        #[serde(default = "muon_momentum")]
        momentum: f64,
        /// Share of every weight taken away per step, times the learning rate.
        #[serde(default = "decoupled_weight_decay")]
        weight_decay: f64,
    },
}

/// How large a gradient may be; absent keys do not clip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipConfig {
    /// Largest Euclidean norm of one parameter tensor's gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub norm: Option<f64>,
    /// Largest absolute value in a gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

impl OptimizerConfig {
    /// The learning rate that the schedule scales.
    pub fn learning_rate(&self) -> f64 {
        match *self {
            Self::Sgd { learning_rate, .. }
            | Self::Adam { learning_rate, .. }
            | Self::Adamw { learning_rate, .. }
            | Self::Rmsprop { learning_rate, .. }
            | Self::Muon { learning_rate, .. } => learning_rate,
        }
    }

    /// Refuses numbers outside their ranges.
    pub fn check(&self) -> Result<(), Invalid> {
        positive("optimizer.learning_rate", self.learning_rate())?;
        match *self {
            Self::Sgd { momentum, nesterov, weight_decay, .. } => {
                share("optimizer.momentum", momentum)?;
                if nesterov && momentum == 0.0 {
                    return Err(Invalid::new("optimizer.nesterov", "needs a momentum above 0"));
                }
                not_negative("optimizer.weight_decay", weight_decay)
            }
            Self::Adam { beta_1, beta_2, epsilon, weight_decay, .. }
            | Self::Adamw { beta_1, beta_2, epsilon, weight_decay, .. } => {
                share("optimizer.beta_1", beta_1)?;
                share("optimizer.beta_2", beta_2)?;
                positive("optimizer.epsilon", epsilon)?;
                not_negative("optimizer.weight_decay", weight_decay)
            }
            Self::Rmsprop { decay, momentum, epsilon, weight_decay, .. } => {
                share("optimizer.decay", decay)?;
                share("optimizer.momentum", momentum)?;
                positive("optimizer.epsilon", epsilon)?;
                not_negative("optimizer.weight_decay", weight_decay)
            }
            Self::Muon { momentum, weight_decay, .. } => {
                share("optimizer.momentum", momentum)?;
                not_negative("optimizer.weight_decay", weight_decay)
            }
        }
    }

    /// Burn's optimizer for a whole network.
    pub fn init(&self, clip: ClipConfig) -> ModuleOptimizer {
        let clipping = clip.clipping();
        let optimizer: ModuleOptimizer = match *self {
            Self::Sgd { momentum, nesterov, weight_decay, .. } => {
                let momentum = (momentum > 0.0).then_some(MomentumConfig {
                    momentum,
                    dampening: 0.0,
                    nesterov,
                });
                SgdConfig::new().with_momentum(momentum).with_weight_decay(l2(weight_decay)).init()
            }
            Self::Adam { beta_1, beta_2, epsilon, weight_decay, .. } => {
                let decay = Decay::L2(weight_decay as f32);
                FusedAdam::new(beta_1, beta_2, epsilon, decay).into()
            }
            Self::Adamw { beta_1, beta_2, epsilon, weight_decay, .. } => {
                let decay = Decay::Decoupled(weight_decay as f32);
                FusedAdam::new(beta_1, beta_2, epsilon, decay).into()
            }
            Self::Rmsprop { decay, momentum, epsilon, weight_decay, .. } => RmsPropConfig::new()
                .with_alpha(decay as f32)
                .with_momentum(momentum as f32)
                .with_epsilon(epsilon as f32)
                .with_weight_decay(l2(weight_decay))
                .init(),
            Self::Muon { momentum, weight_decay, .. } => {
                let muon = MuonConfig::new()
                    .with_momentum(MomentumConfig { momentum, dampening: 0.0, nesterov: true })
                    .with_weight_decay(l2(weight_decay))
                    .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
                    .build();
                let decay = Decay::Decoupled(weight_decay as f32);
                let rest: ModuleOptimizer =
                    FusedAdam::new(beta_1(), beta_2(), epsilon(), decay).into();
                let matrices = ParamGroup::from_predicate("Linear.weight");
                rest.with_group(matrices, muon, clipping.clone())
            }
        };
        match clipping {
            Some(clipping) => optimizer.with_grad_clipping(clipping),
            None => optimizer,
        }
    }
}

impl ClipConfig {
    /// Refuses limits that are not above 0, and two limits at once.
    pub fn check(self) -> Result<(), Invalid> {
        if let (Some(_), Some(_)) = (self.norm, self.value) {
            return Err(Invalid::new("clip.value", "clips already by norm: name one of the two"));
        }
        self.norm.map_or(Ok(()), |norm| positive("clip.norm", norm))?;
        self.value.map_or(Ok(()), |value| positive("clip.value", value))
    }

    fn clipping(self) -> Option<GradientClipping> {
        self.norm
            .map(|norm| GradientClipping::Norm(norm as f32))
            .or(self.value.map(|value| GradientClipping::Value(value as f32)))
    }
}

/// An L2 penalty as Burn has it; `None` for none.
pub fn l2(strength: f64) -> Option<WeightDecayConfig> {
    (strength > 0.0).then_some(WeightDecayConfig { penalty: strength as f32 })
}

fn positive(key: &str, value: f64) -> Result<(), Invalid> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Invalid::new(key, format!("{value} is not a number above 0")))
}

fn not_negative(key: &str, value: f64) -> Result<(), Invalid> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Invalid::new(key, format!("{value} is not a number from 0 up")))
}

fn share(key: &str, value: f64) -> Result<(), Invalid> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Invalid::new(key, format!("{value} is outside 0 to 1 (1 excluded)")))
}

fn beta_1() -> f64 {
    0.9
}

fn beta_2() -> f64 {
    0.999
}

fn epsilon() -> f64 {
    1e-8
}

fn decoupled_weight_decay() -> f64 {
    1e-2
}

fn rmsprop_decay() -> f64 {
    0.99
}

fn muon_momentum() -> f64 {
    0.95
}
