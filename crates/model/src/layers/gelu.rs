//! The Gaussian error linear unit.

use burn::nn::Gelu;
use burn::tensor::Device;
use kernels::{Activation, Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "gelu";

/// x · Φ(x) (Hendrycks and Gimpel 2016).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeluConfig {}

impl LayerType for GeluConfig {
    type Module = Gelu;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        Ok(PlannedLayer::free(KIND, input, input))
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> Gelu {
        Gelu::new()
    }
}

impl LayerModule for Gelu {
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
        pipeline.activation(Activation::Gelu);
    }
}
