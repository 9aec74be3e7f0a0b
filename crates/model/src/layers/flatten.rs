//! A feature map as one row of numbers.

use burn::module::Module;
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};

const KIND: &str = "flatten";

/// A feature map becomes one row of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlattenConfig {}

/// The module.
#[derive(Module, Debug, Default)]
pub(crate) struct Flatten;

impl LayerType for FlattenConfig {
    type Module = Flatten;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let output = FeatureShape::Flat(input.map()?.pixels());
        Ok(PlannedLayer { kept: 0, ..PlannedLayer::free(KIND, input, output) })
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> Flatten {
        Flatten
    }
}

impl LayerModule for Flatten {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        Features::Flat(input.flat())
    }

    fn only_flattens(&self) -> bool {
        true
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
        pipeline.flatten();
    }
}
