//! Largest value of every window.

use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline, Pool, PoolWindow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::planned::{FeatureShape, LayerError, PlannedLayer};
use super::window::{SlidingWindow, padding, symmetric};

const KIND: &str = "max_pool";

/// Largest value of every window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaxPoolConfig {
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

impl LayerType for MaxPoolConfig {
    type Module = MaxPool2d;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { kernel, stride, padding } = *self;
        let window = SlidingWindow { kernel, stride: stride.unwrap_or(kernel), padding };
        Ok(window.pool(KIND, input)?)
    }

    fn init(&self, _planned: &PlannedLayer, _device: &Device) -> MaxPool2d {
        MaxPool2dConfig::new([self.kernel; 2])
            .with_strides([self.stride.unwrap_or(self.kernel); 2])
            .with_padding(symmetric(self.padding))
            .init()
    }
}

impl LayerModule for MaxPool2d {
    fn apply(&self, input: Features, _epilogue: Epilogue) -> Features {
        Features::Map(self.forward(input.map()))
    }

    fn fusible(&self) -> Option<Fusible> {
        halves(self).then_some(Fusible::Pool)
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        _epilogue: Epilogue,
    ) {
        let [kernel, stride] = [self.kernel_size[0], self.stride[0]];
        let window = PoolWindow { kernel, stride, padding: padding(&self.padding) };
        pipeline.pool(Pool::Max, window);
    }
}

/// Whether a pool takes the largest of every 2×2 window.
fn halves(pool: &MaxPool2d) -> bool {
    pool.kernel_size == [2; 2]
        && pool.stride == [2; 2]
        && pool.dilation == [1; 2]
        && padding(&pool.padding) == 0
}

fn two() -> usize {
    2
}
