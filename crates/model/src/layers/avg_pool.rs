//! Mean of every window.

use burn::nn::pool::{AvgPool2d, AvgPool2dConfig};
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline, Pool, PoolWindow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};
use super::window::{SlidingWindow, padding, symmetric};

const KIND: &str = "avg_pool";

/// Mean of every window; a border counts as zeros.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvgPoolConfig {
    /// Side of the square window, in pixels.
    #[serde(default = "two")]
    pub kernel: usize,
    /// Step of the window, in pixels; absent = its side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<usize>,
    /// Border added on every side, in pixels; at most half of the kernel.
    #[serde(default)]
    pub padding: usize,
}

impl LayerType for AvgPoolConfig {
    type Module = AvgPool2d;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { kernel, stride, padding } = *self;
        let window = SlidingWindow { kernel, stride: stride.unwrap_or(kernel), padding };
        Ok(window.pool(KIND, input)?)
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> AvgPool2d {
        AvgPool2dConfig::new([self.kernel; 2])
            .with_strides([self.stride.unwrap_or(self.kernel); 2])
            .with_padding(symmetric(self.padding))
            .init()
    }
}

impl LayerModule for AvgPool2d {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        Features::Map(self.forward(input.map()))
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
        let [kernel, stride] = [self.kernel_size[0], self.stride[0]];
        let window = PoolWindow { kernel, stride, padding: padding(&self.padding) };
        pipeline.pool(Pool::Average, window);
    }
}

fn two() -> usize {
    2
}
