//! Convolution over a feature map.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline, Window};
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::initializer::{Initializer, init_bias};
use super::layer_type::{Fusible, LayerModule, LayerType};
use super::pipeline::{Affine, SlowLayer, numbers};
use super::planned::{FeatureShape, LayerError, PlannedLayer, positive, product};
use super::window::{SlidingWindow, padding, symmetric};

const KIND: &str = "conv";

/// Convolution over a feature map (cross-correlation, as everywhere in the field).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvConfig {
    /// Output channels.
    pub channels: usize,
    /// Side of the square kernel, in pixels.
    pub kernel: usize,
    /// Step of the kernel, in pixels.
    #[serde(default = "one")]
    pub stride: usize,
    /// Zeros added on every side, in pixels.
    #[serde(default)]
    pub padding: usize,
    /// Whether a bias is added to every output channel.
    #[serde(default = "yes")]
    pub bias: bool,
    /// How the kernels start.
    #[serde(default)]
    pub initializer: Initializer,
}

impl LayerType for ConvConfig {
    type Module = Conv2d;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { channels, kernel, stride, padding, bias, .. } = *self;
        let map = input.map()?;
        let window = SlidingWindow { kernel, stride, padding };
        let output = window.slide(map, positive("channels", channels)?)?;
        let weights = product(&[channels, map.channels, kernel, kernel])?;
        Ok(PlannedLayer {
            parameters: weights + if bias { channels } else { 0 },
            multiply_adds: product(&[weights, output.height, output.width])?,
            ..PlannedLayer::free(KIND, input, FeatureShape::Map(output))
        })
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> Conv2d {
        let config = Conv2dConfig::new([planned.input.channels(), self.channels], [self.kernel; 2])
            .with_stride([self.stride; 2])
            .with_padding(symmetric(self.padding))
            .with_bias(self.bias)
            .with_initializer(self.initializer.weights());
        let mut conv = config.init(device);
        conv.bias = conv.bias.map(|bias| init_bias(bias, self.initializer, device));
        conv
    }
}

impl LayerModule for Conv2d {
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features {
        let bias = self.bias.as_ref().map(Param::val);
        let weight = self.weight.val();
        Features::Map(kernels::convolution(input.map(), weight, bias, window(self), epilogue))
    }

    fn fuses(&self, next: Fusible) -> bool {
        match next {
            Fusible::Relu | Fusible::Pool => true,
        }
    }

    fn folds_affine(&self) -> bool {
        true
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        folded: Option<&Affine>,
        epilogue: Epilogue,
    ) -> Result<(), SlowLayer> {
        let mut weights = numbers(KIND, self.weight.val())?;
        let [features, _, kernel, _] = self.weight.dims();
        let mut bias = match &self.bias {
            Some(bias) => numbers(KIND, bias.val())?,
            None => vec![0.0; features],
        };
        if let Some(Affine { factors, summands }) = folded {
            let taps = weights.len() / features;
            for (weights, factor) in weights.chunks_exact_mut(taps).zip(factors) {
                for weight in weights {
                    *weight *= factor;
                }
            }
            for ((bias, factor), summand) in bias.iter_mut().zip(factors).zip(summands) {
                *bias = *bias * factor + summand;
            }
        }
        pipeline.convolution(&weights, bias, kernel, window(self), epilogue);
        Ok(())
    }
}

/// How the kernel moves.
fn window(conv: &Conv2d) -> Window {
    Window { stride: conv.stride[0], padding: padding(&conv.padding), groups: conv.groups }
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}
