//! The registry of layer types: what a user may write in `[[model.layers]]`, and the Burn modules
//! that it becomes.
//!
//! A layer type is one file: its config, shape inference, costs, Burn module, and its step in the
//! fast pipeline for inference. To add one, write its file and add it to each of the lists below;
//! the compiler names those left out.

mod features;
mod fusion;
mod initializer;
mod layer_type;
mod numbers;
mod pipeline;
mod planned;
mod planning;
mod window;

mod avg_pool;
mod batch_norm;
mod conv;
mod dropout;
mod flatten;
mod gelu;
mod global_avg_pool;
mod group_norm;
mod leaky_relu;
mod linear;
mod max_pool;
mod relu;
mod residual;
mod sigmoid;
mod silu;
mod tanh;

use burn::module::Module;
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use avg_pool::AvgPoolConfig;
pub use batch_norm::BatchNormConfig;
pub use conv::ConvConfig;
pub use dropout::DropoutConfig;
pub use flatten::FlattenConfig;
pub use gelu::GeluConfig;
pub use global_avg_pool::GlobalAvgPoolConfig;
pub use group_norm::GroupNormConfig;
pub use initializer::Initializer;
pub use leaky_relu::LeakyReluConfig;
pub use linear::LinearConfig;
pub use max_pool::MaxPoolConfig;
pub use planned::{FeatureShape, LayerError, PlannedLayer};
pub use relu::ReluConfig;
pub use residual::ResidualConfig;
pub use sigmoid::SigmoidConfig;
pub use silu::SiluConfig;
pub use tanh::TanhConfig;

pub(crate) use features::Features;
pub(crate) use fusion::apply_layers;
pub(crate) use layer_type::{LayerModule, LayerType};
pub(crate) use pipeline::add_layers;
pub(crate) use planned::{check_parameters, total};
pub(crate) use planning::plan_layers;

use layer_type::{Affine, Fusible};

/// One layer of a feed-forward network, as a config describes it.
///
/// Shapes are inferred from what comes in, so only outputs are named. `type` names the variant, in
/// snake case; the other keys are those of the variant's struct, which refuses keys it does not
/// have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LayerConfig {
    /// Convolution over a feature map.
    Conv(ConvConfig),
    /// Batch normalization of every channel.
    BatchNorm(BatchNormConfig),
    /// Normalization of groups of channels, for each image by itself.
    GroupNorm(GroupNormConfig),
    /// Largest value of every window.
    MaxPool(MaxPoolConfig),
    /// Mean of every window.
    AvgPool(AvgPoolConfig),
    /// Mean of every channel.
    GlobalAvgPool(GlobalAvgPoolConfig),
    /// A feature map as one row of numbers.
    Flatten(FlattenConfig),
    /// Fully connected layer over a row of numbers.
    Linear(LinearConfig),
    /// Dropout.
    Dropout(DropoutConfig),
    /// A residual block.
    Residual(ResidualConfig<LayerConfig>),
    /// The rectified linear unit.
    Relu(ReluConfig),
    /// The Gaussian error linear unit.
    Gelu(GeluConfig),
    /// The sigmoid linear unit.
    Silu(SiluConfig),
    /// The leaky rectified linear unit.
    LeakyRelu(LeakyReluConfig),
    /// The hyperbolic tangent.
    Tanh(TanhConfig),
    /// The logistic sigmoid.
    Sigmoid(SigmoidConfig),
}

/// One layer as a Burn module; the variants' names are part of the parameter paths in saved weights.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A network has a handful of layers: boxing them buys nothing.
pub(crate) enum Layer {
    Conv(<ConvConfig as LayerType>::Module),
    BatchNorm(<BatchNormConfig as LayerType>::Module),
    GroupNorm(<GroupNormConfig as LayerType>::Module),
    MaxPool(<MaxPoolConfig as LayerType>::Module),
    AvgPool(<AvgPoolConfig as LayerType>::Module),
    GlobalAvgPool(<GlobalAvgPoolConfig as LayerType>::Module),
    Flatten(<FlattenConfig as LayerType>::Module),
    Linear(<LinearConfig as LayerType>::Module),
    Dropout(<DropoutConfig as LayerType>::Module),
    Residual(residual::Residual<Layer>),
    Relu(<ReluConfig as LayerType>::Module),
    Gelu(<GeluConfig as LayerType>::Module),
    Silu(<SiluConfig as LayerType>::Module),
    LeakyRelu(<LeakyReluConfig as LayerType>::Module),
    Tanh(<TanhConfig as LayerType>::Module),
    Sigmoid(<SigmoidConfig as LayerType>::Module),
}

/// Calls a method of the layer that a [`LayerConfig`] or a [`Layer`] holds.
macro_rules! of_each {
    ($layers:ident, $self:ident, $layer:ident => $call:expr) => {
        match $self {
            $layers::Conv($layer) => $call,
            $layers::BatchNorm($layer) => $call,
            $layers::GroupNorm($layer) => $call,
            $layers::MaxPool($layer) => $call,
            $layers::AvgPool($layer) => $call,
            $layers::GlobalAvgPool($layer) => $call,
            $layers::Flatten($layer) => $call,
            $layers::Linear($layer) => $call,
            $layers::Dropout($layer) => $call,
            $layers::Residual($layer) => $call,
            $layers::Relu($layer) => $call,
            $layers::Gelu($layer) => $call,
            $layers::Silu($layer) => $call,
            $layers::LeakyRelu($layer) => $call,
            $layers::Tanh($layer) => $call,
            $layers::Sigmoid($layer) => $call,
        }
    };
}

impl LayerConfig {
    /// The layer's name in a config.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        of_each!(LayerConfig, self, layer => layer.kind())
    }
}

impl LayerType for LayerConfig {
    type Module = Layer;

    fn kind(&self) -> &'static str {
        self.kind()
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        of_each!(LayerConfig, self, layer => layer.plan(input))
    }

    fn depth(&self) -> usize {
        of_each!(LayerConfig, self, layer => layer.depth())
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> Layer {
        match self {
            Self::Conv(layer) => Layer::Conv(layer.init(planned, device)),
            Self::BatchNorm(layer) => Layer::BatchNorm(layer.init(planned, device)),
            Self::GroupNorm(layer) => Layer::GroupNorm(layer.init(planned, device)),
            Self::MaxPool(layer) => Layer::MaxPool(layer.init(planned, device)),
            Self::AvgPool(layer) => Layer::AvgPool(layer.init(planned, device)),
            Self::GlobalAvgPool(layer) => Layer::GlobalAvgPool(layer.init(planned, device)),
            Self::Flatten(layer) => Layer::Flatten(layer.init(planned, device)),
            Self::Linear(layer) => Layer::Linear(layer.init(planned, device)),
            Self::Dropout(layer) => Layer::Dropout(layer.init(planned, device)),
            Self::Residual(layer) => Layer::Residual(layer.init(planned, device)),
            Self::Relu(layer) => Layer::Relu(layer.init(planned, device)),
            Self::Gelu(layer) => Layer::Gelu(layer.init(planned, device)),
            Self::Silu(layer) => Layer::Silu(layer.init(planned, device)),
            Self::LeakyRelu(layer) => Layer::LeakyRelu(layer.init(planned, device)),
            Self::Tanh(layer) => Layer::Tanh(layer.init(planned, device)),
            Self::Sigmoid(layer) => Layer::Sigmoid(layer.init(planned, device)),
        }
    }
}

impl LayerModule for Layer {
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features {
        of_each!(Layer, self, layer => layer.apply(input, epilogue))
    }

    fn fuses(&self, next: Fusible) -> bool {
        of_each!(Layer, self, layer => layer.fuses(next))
    }

    fn fusible(&self) -> Option<Fusible> {
        of_each!(Layer, self, layer => layer.fusible())
    }

    fn flattens_input(&self) -> bool {
        of_each!(Layer, self, layer => layer.flattens_input())
    }

    fn only_flattens(&self) -> bool {
        of_each!(Layer, self, layer => layer.only_flattens())
    }

    fn affine(&self) -> Option<Affine> {
        of_each!(Layer, self, layer => layer.affine())
    }

    fn folds_affine(&self) -> bool {
        of_each!(Layer, self, layer => layer.folds_affine())
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        folded: Option<&Affine>,
        epilogue: Epilogue,
    ) {
        of_each!(Layer, self, layer => layer.add_to_pipeline(pipeline, folded, epilogue));
    }
}

#[cfg(test)]
mod tests;
