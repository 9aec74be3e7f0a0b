//! Fully connected layer over a row of numbers.

use burn::module::Param;
use burn::nn::{Linear, LinearConfig as BurnLinearConfig};
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::initializer::{Initializer, init_bias};
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::numbers::numbers;
use super::planned::{FeatureShape, LayerError, PlannedLayer, positive, product};

const KIND: &str = "linear";

/// Fully connected layer over a row of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearConfig {
    /// Outputs.
    pub features: usize,
    /// Whether a bias is added to every output.
    #[serde(default = "yes")]
    pub bias: bool,
    /// How the weights start.
    #[serde(default)]
    pub initializer: Initializer,
}

impl LayerType for LinearConfig {
    type Module = Linear;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { features, bias, .. } = *self;
        let FeatureShape::Flat(inputs) = input else {
            let problem = format!(
                "takes a row of numbers, but {input} comes in: put flatten or global_avg_pool \
                 before it"
            );
            return Err(problem.into());
        };
        let weights = product(&[inputs, positive("features", features)?])?;
        Ok(PlannedLayer {
            parameters: weights + if bias { features } else { 0 },
            multiply_adds: weights,
            ..PlannedLayer::free(KIND, input, FeatureShape::Flat(features))
        })
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> Linear {
        let config = BurnLinearConfig::new(planned.input.channels(), self.features)
            .with_bias(self.bias)
            .with_initializer(self.initializer.weights());
        let mut linear = config.init(device);
        linear.bias = linear.bias.map(|bias| init_bias(bias, self.initializer, device));
        linear
    }
}

impl LayerModule for Linear {
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features {
        let bias = self.bias.as_ref().map(Param::val);
        Features::Flat(kernels::linear(input.map(), self.weight.val(), bias, epilogue.relu))
    }

    fn fuses(&self, next: Fusible) -> bool {
        match next {
            Fusible::Relu => true,
            Fusible::Pool => false,
        }
    }

    fn flattens_input(&self) -> bool {
        true
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        epilogue: Epilogue,
    ) {
        let weights = numbers(self.weight.val());
        let [_, features] = self.weight.dims();
        let bias = match &self.bias {
            Some(bias) => numbers(bias.val()),
            None => vec![0.0; features],
        };
        pipeline.linear(&weights, bias, epilogue.relu);
    }
}

fn yes() -> bool {
    true
}
