//! The sigmoid linear unit.

use burn::nn::activation::SiLU;
use burn::tensor::Device;
use kernels::{Activation, Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "silu";

/// x · sigmoid(x) (Elfwing et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SiluConfig {}

impl LayerType for SiluConfig {
    type Module = SiLU;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        Ok(PlannedLayer::free(KIND, input, input))
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> SiLU {
        SiLU::new()
    }
}

impl LayerModule for SiLU {
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
        pipeline.activation(Activation::Silu);
    }
}
