//! Dropout.

use burn::nn::{Dropout, DropoutConfig as BurnDropoutConfig};
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "dropout";

/// Zeroes each value with this probability while training (Srivastava et al. 2014).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropoutConfig {
    /// In [0, 1).
    pub probability: f64,
}

impl LayerType for DropoutConfig {
    type Module = Dropout;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { probability } = *self;
        if !(0.0..1.0).contains(&probability) {
            let problem = format!("probability {probability} is outside 0 to 1 (1 excluded)");
            return Err(problem.into());
        }
        Ok(PlannedLayer::free(KIND, input, input))
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> Dropout {
        BurnDropoutConfig::new(self.probability).init()
    }
}

impl LayerModule for Dropout {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        match input {
            Features::Map(map) => Features::Map(self.forward(map)),
            Features::Flat(rows) => Features::Flat(self.forward(rows)),
        }
    }

    /// In inference it does nothing.
    fn add_to_pipeline(
        &self,
        _pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
    }
}
