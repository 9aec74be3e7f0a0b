//! Batch normalization of every channel.

use burn::nn::{BatchNorm, BatchNormConfig as BurnBatchNormConfig};
use burn::tensor::{Device, activation};
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::numbers::numbers;
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "batch_norm";

/// Batch normalization of every channel (Ioffe and Szegedy 2015).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNormConfig {
    /// Share of the newest batch in the running statistics, in [0, 1].
    #[serde(default = "default_momentum")]
    pub momentum: f64,
    /// Added to the variance; above 0.
    #[serde(default = "default_epsilon")]
    pub epsilon: f64,
}

impl LayerType for BatchNormConfig {
    type Module = BatchNorm;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { momentum, epsilon } = *self;
        if !(0.0..=1.0).contains(&momentum) {
            return Err(format!("momentum {momentum} is outside 0 to 1").into());
        }
        if !(epsilon.is_finite() && epsilon > 0.0) {
            return Err(format!("epsilon {epsilon} is not above 0").into());
        }
        let parameters = 2 * input.channels();
        Ok(PlannedLayer { parameters, ..PlannedLayer::free(KIND, input, input) })
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> BatchNorm {
        BurnBatchNormConfig::new(planned.input.channels())
            .with_momentum(self.momentum)
            .with_epsilon(self.epsilon)
            .init(device)
    }
}

impl LayerModule for BatchNorm {
    /// While training, normalizes by the batch's statistics and moves the running ones towards
    /// them; otherwise by the running ones, as Burn's own module does.
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features {
        let input = match input {
            Features::Map(map) => map,
            // A pool takes maps, so that nothing but a ReLU can follow.
            Features::Flat(rows) => {
                let rows = self.forward(rows);
                return Features::Flat(if epilogue.relu { activation::relu(rows) } else { rows });
            }
        };
        let device = input.device();
        let running = [&self.running_mean, &self.running_var];
        let (scale, shift) = (self.gamma.val(), self.beta.val());
        if !(device.is_autodiff() && self.training.is_enabled()) {
            let statistics = running.map(|running| running.value().to_device(&device));
            return Features::Map(kernels::normalize(
                input,
                scale,
                shift,
                statistics,
                self.epsilon,
                epilogue,
            ));
        }
        let result = kernels::normalize_batch(input, scale, shift, self.epsilon, epilogue);
        for (running, new) in running.into_iter().zip([result.mean, result.variance]) {
            let old = running.value_sync().to_device(&device);
            let moved = old * (1.0 - self.momentum) + new * self.momentum;
            running.update(moved.detach());
        }
        Features::Map(result.output)
    }

    fn fuses(&self, next: Fusible) -> bool {
        match next {
            Fusible::Relu | Fusible::Pool => true,
        }
    }

    fn affine(&self) -> Option<Affine> {
        Some(by_running_statistics(self))
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        epilogue: Epilogue,
    ) {
        let Affine { factors, summands } = by_running_statistics(self);
        pipeline.affine(factors, summands, epilogue);
    }
}

/// The normalization by the running statistics, as a factor and a summand for every channel.
fn by_running_statistics(layer: &BatchNorm) -> Affine {
    let [scale, shift] = [numbers(layer.gamma.val()), numbers(layer.beta.val())];
    let [mean, variance] =
        [numbers(layer.running_mean.value()), numbers(layer.running_var.value())];
    let factors: Vec<f32> = scale
        .iter()
        .zip(variance)
        .map(|(scale, variance)| scale / (variance + layer.epsilon as f32).sqrt())
        .collect();
    let summands = shift.iter().zip(mean).zip(&factors);
    let summands = summands.map(|((shift, mean), factor)| shift - mean * factor).collect();
    Affine { factors, summands }
}

fn default_momentum() -> f64 {
    0.1
}

fn default_epsilon() -> f64 {
    1e-5
}
