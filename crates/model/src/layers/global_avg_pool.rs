//! Mean of every channel.

use burn::module::Module;
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "global_avg_pool";

/// Mean of every channel: a feature map becomes one number per channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalAvgPoolConfig {}

/// The module.
#[derive(Module, Debug, Default)]
pub(crate) struct GlobalAvgPool;

impl LayerType for GlobalAvgPoolConfig {
    type Module = GlobalAvgPool;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let output = FeatureShape::Flat(input.map()?.channels);
        Ok(PlannedLayer { kept: 0, ..PlannedLayer::free(KIND, input, output) })
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> GlobalAvgPool {
        GlobalAvgPool
    }
}

impl LayerModule for GlobalAvgPool {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        let map = input.map();
        let [batch, channels, height, width] = map.dims();
        let rows = map.reshape([batch, channels, height * width]);
        Features::Flat(rows.mean_dim(2).squeeze_dim(2))
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
        pipeline.global_average();
    }
}
