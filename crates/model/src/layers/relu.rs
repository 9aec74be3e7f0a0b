//! The rectified linear unit.

use burn::nn::Relu;
use burn::tensor::Device;
use kernels::{Activation, Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "relu";

/// max(x, 0).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReluConfig {}

impl LayerType for ReluConfig {
    type Module = Relu;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let free = PlannedLayer::free(KIND, input, input);
        // The layer before applies it to its own output, and its gradient depends on what goes out,
        // which the next layer keeps.
        Ok(PlannedLayer { working: input.len(), kept: 0, ..free })
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> Relu {
        Relu::new()
    }
}

impl LayerModule for Relu {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        match input {
            Features::Map(map) => Features::Map(self.forward(map)),
            Features::Flat(rows) => Features::Flat(self.forward(rows)),
        }
    }

    fn fusible(&self) -> Option<Fusible> {
        Some(Fusible::Relu)
    }

    /// Where it is not fused with the layer before it.
    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
        pipeline.activation(Activation::Relu);
    }
}
