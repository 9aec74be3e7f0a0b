//! `[optimizer]` and `[clip]`: how gradients change weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use super::range::{not_negative, positive, share};

/// Adam's decay of the mean of gradients.
pub const BETA_1: f64 = 0.9;
/// Adam's decay of the mean of squared gradients.
pub const BETA_2: f64 = 0.999;
/// What Adam adds to the divisor.
pub const EPSILON: f64 = 1e-8;

/// How gradients change weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Stochastic gradient descent, with momentum if it is above 0.
    Sgd {
        /// Peak of the schedule, above 0.
        #[serde(default = "sgd_learning_rate")]
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
        #[serde(default = "learning_rate")]
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
        #[serde(default = "learning_rate")]
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
        #[serde(default = "learning_rate")]
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
        #[serde(default = "learning_rate")]
        learning_rate: f64,
        /// Share of the last step that is kept, in [0, 1).
        #[serde(default = "muon_momentum")]
        momentum: f64,
        /// Share of every weight taken away per step, times the learning rate.
        #[serde(default = "decoupled_weight_decay")]
        weight_decay: f64,
    },
}

/// How large gradients may be; absent keys do not clip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClipConfig {
    /// Largest Euclidean norm of all gradients together, as one vector (`PyTorch`'s
    /// `clip_grad_norm_`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub norm: Option<f64>,
    /// Largest absolute value in a gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self::Adamw {
            learning_rate: learning_rate(),
            beta_1: beta_1(),
            beta_2: beta_2(),
            epsilon: epsilon(),
            weight_decay: decoupled_weight_decay(),
        }
    }
}

impl OptimizerConfig {
    /// Numbers that it stores for every parameter.
    #[must_use]
    pub fn states(&self) -> usize {
        match *self {
            Self::Sgd { momentum, .. } => usize::from(momentum > 0.0),
            Self::Adam { .. } | Self::Adamw { .. } | Self::Muon { .. } => 2,
            Self::Rmsprop { momentum, .. } => 1 + usize::from(momentum > 0.0),
        }
    }

    /// The learning rate that the schedule scales.
    #[must_use]
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
    ///
    /// # Errors
    /// The first such value.
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
}

impl ClipConfig {
    /// Refuses limits that are not above 0, and two limits at once.
    ///
    /// # Errors
    /// The first such value.
    pub fn check(self) -> Result<(), Invalid> {
        if let (Some(_), Some(_)) = (self.norm, self.value) {
            return Err(Invalid::new("clip.value", "clips already by norm: name one of the two"));
        }
        self.norm.map_or(Ok(()), |norm| positive("clip.norm", norm))?;
        self.value.map_or(Ok(()), |value| positive("clip.value", value))
    }
}

fn learning_rate() -> f64 {
    1e-3
}

fn sgd_learning_rate() -> f64 {
    1e-2
}

fn beta_1() -> f64 {
    BETA_1
}

fn beta_2() -> f64 {
    BETA_2
}

fn epsilon() -> f64 {
    EPSILON
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
