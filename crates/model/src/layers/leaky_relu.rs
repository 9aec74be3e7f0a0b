//! The leaky rectified linear unit.

use burn::nn::{LeakyRelu, LeakyReluConfig as BurnLeakyReluConfig};
use burn::tensor::Device;
use kernels::{Activation, Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "leaky_relu";

/// x where positive, else slope · x.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeakyReluConfig {
    /// Slope of the negative side.
    #[serde(default = "default_slope")]
    pub slope: f64,
}

impl LayerType for LeakyReluConfig {
    type Module = LeakyRelu;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { slope } = *self;
        if !slope.is_finite() {
            return Err(format!("slope {slope} is not a finite number").into());
        }
        Ok(PlannedLayer::free(KIND, input, input))
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> LeakyRelu {
        BurnLeakyReluConfig::new().with_negative_slope(self.slope).init()
    }
}

impl LayerModule for LeakyRelu {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        match input {
            Features::Map(map) => Features::Map(self.forward(map)),
            Features::Flat(rows) => Features::Flat(self.forward(rows)),
        }
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
        pipeline.activation(Activation::LeakyRelu { slope: self.negative_slope as f32 });
    }
}

fn default_slope() -> f64 {
    0.01
}
