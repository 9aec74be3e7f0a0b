//! Burn's optimizers, built from `[optimizer]` and `[clip]`.

use burn::grad_clipping::GradientClipping;
use burn::module::ParamGroup;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdjustLrFn, ModuleOptimizer, MuonConfig, RmsPropConfig, SgdConfig};

use super::fused_adam::{Decay, FusedAdam};
use crate::config::{BETA_1, BETA_2, ClipConfig, EPSILON, OptimizerConfig};

/// Burn's optimizer for a whole network.
pub fn init_optimizer(config: &OptimizerConfig, clip: ClipConfig) -> ModuleOptimizer {
    let clipping = clipping(clip);
    let optimizer: ModuleOptimizer = match *config {
        OptimizerConfig::Sgd { momentum, nesterov, weight_decay, .. } => {
            let momentum =
                (momentum > 0.0).then_some(MomentumConfig { momentum, dampening: 0.0, nesterov });
            SgdConfig::new().with_momentum(momentum).with_weight_decay(l2(weight_decay)).init()
        }
        OptimizerConfig::Adam { beta_1, beta_2, epsilon, weight_decay, .. } => {
            let decay = Decay::L2(weight_decay as f32);
            FusedAdam::new(beta_1, beta_2, epsilon, decay).into()
        }
        OptimizerConfig::Adamw { beta_1, beta_2, epsilon, weight_decay, .. } => {
            let decay = Decay::Decoupled(weight_decay as f32);
            FusedAdam::new(beta_1, beta_2, epsilon, decay).into()
        }
        OptimizerConfig::Rmsprop { decay, momentum, epsilon, weight_decay, .. } => {
            RmsPropConfig::new()
                .with_alpha(decay as f32)
                .with_momentum(momentum as f32)
                .with_epsilon(epsilon as f32)
                .with_weight_decay(l2(weight_decay))
                .init()
        }
        OptimizerConfig::Muon { momentum, weight_decay, .. } => {
            let muon = MuonConfig::new()
                .with_momentum(MomentumConfig { momentum, dampening: 0.0, nesterov: true })
                .with_weight_decay(l2(weight_decay))
                .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
                .build();
            let decay = Decay::Decoupled(weight_decay as f32);
            let rest: ModuleOptimizer = FusedAdam::new(BETA_1, BETA_2, EPSILON, decay).into();
            let matrices = ParamGroup::from_predicate("Linear.weight");
            rest.with_group(matrices, muon, clipping.clone())
        }
    };
    match clipping {
        Some(clipping) => optimizer.with_grad_clipping(clipping),
        None => optimizer,
    }
}

/// Burn's clipping of single values. The norm is that of all gradients together, which Burn does not
/// clip: see [`super::clip_by_global_norm`].
fn clipping(clip: ClipConfig) -> Option<GradientClipping> {
    clip.value.map(|value| GradientClipping::Value(value as f32))
}

/// An L2 penalty as Burn has it; `None` for none.
fn l2(strength: f64) -> Option<WeightDecayConfig> {
    (strength > 0.0).then_some(WeightDecayConfig { penalty: strength as f32 })
}
