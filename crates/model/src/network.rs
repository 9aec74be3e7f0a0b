//! The network itself: Burn modules in a row, built from a plan.

use std::slice;

use burn::module::{Module, Param};
use burn::nn::activation::SiLU;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{
    self, BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Gelu, LeakyRelu, LeakyReluConfig,
    Linear, LinearConfig, PaddingConfig2d, Relu, Sigmoid, Tanh,
};
use burn::tensor::{Device, Tensor};
use kernels::Epilogue;

use crate::{FeatureShape, Initializer, LayerConfig, Plan, PlannedLayer, blocks};

/// A feed-forward network: images in, one logit per class out.
#[derive(Module, Debug)]
pub struct Network {
    layers: Vec<Layer>,
}

/// One layer; the names of the variants are part of the parameter paths in saved weights.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A network has a handful of layers: boxing them buys nothing.
pub(crate) enum Layer {
    Conv(Conv2d),
    BatchNorm(BatchNorm),
    MaxPool(MaxPool2d),
    AvgPool(AvgPool2d),
    GlobalAvgPool(GlobalAvgPool),
    Flatten(Flatten),
    Linear(Linear),
    Dropout(Dropout),
    Residual(Residual),
    Activation(Activation),
}

/// Mean of every channel.
#[derive(Module, Debug, Default)]
pub(crate) struct GlobalAvgPool;

/// A feature map as one row.
#[derive(Module, Debug, Default)]
pub(crate) struct Flatten;

/// A block that adds its input to its output.
#[derive(Module, Debug)]
pub(crate) struct Residual {
    layers: Vec<Layer>,
    projection: Option<Conv2d>,
}

#[derive(Module, Debug)]
pub(crate) enum Activation {
    Relu(Relu),
    Gelu(Gelu),
    Silu(SiLU),
    LeakyRelu(LeakyRelu),
    Tanh(Tanh),
    Sigmoid(Sigmoid),
}

/// What flows between layers.
#[derive(Clone)]
pub(crate) enum Features {
    Map(Tensor<4>),  // [batch, channels, height, width]
    Flat(Tensor<2>), // [batch, features]
}

impl Plan {
    /// Builds the network on `device`, its weights drawn from the device's random numbers.
    ///
    /// Every weight is drawn before this returns, so that the draws depend on the device's seed
    /// alone and not on what runs next.
    #[must_use]
    pub fn init(&self, device: &Device) -> Network {
        Network { layers: init_layers(self.layers(), device) }.materialize()
    }
}

impl Network {
    /// The logits of a batch.
    ///
    /// # Shapes
    /// `images`: `[batch, channels, height, width]`, normalized; result: `[batch, classes]`.
    #[must_use]
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        blocks::forward(&self.layers, Features::Map(images)).flat()
    }

    /// What the last linear layer makes its logits of; without one, what the last layer does.
    ///
    /// # Shapes
    /// `images`: `[batch, channels, height, width]`, normalized; result: `[batch, features]`.
    #[must_use]
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let is_linear = |layer: &Layer| matches!(layer, Layer::Linear(_));
        let last = self.layers.iter().rposition(is_linear);
        let last = last.unwrap_or(self.layers.len().saturating_sub(1));
        blocks::forward(&self.layers[..last], Features::Map(images)).flat()
    }

    pub(crate) fn layers(&self) -> &[Layer] {
        &self.layers
    }
}

impl Features {
    pub(crate) fn map(self) -> Tensor<4> {
        match self {
            Self::Map(map) => map,
            Self::Flat(rows) => {
                let [batch, features] = rows.dims();
                rows.reshape([batch, features, 1, 1])
            }
        }
    }

    pub(crate) fn flat(self) -> Tensor<2> {
        match self {
            Self::Map(map) => map.flatten(1, 3),
            Self::Flat(rows) => rows,
        }
    }
}

impl Layer {
    /// Passes `input` through this layer alone.
    pub(crate) fn forward(&self, input: Features) -> Features {
        match self {
            Self::Conv(_) | Self::BatchNorm(_) | Self::Linear(_) | Self::Residual(_) => {
                blocks::forward(slice::from_ref(self), input)
            }
            Self::MaxPool(pool) => Features::Map(pool.forward(input.map())),
            Self::AvgPool(pool) => Features::Map(pool.forward(input.map())),
            Self::GlobalAvgPool(_) => {
                let map = input.map();
                let [batch, channels, height, width] = map.dims();
                let rows = map.reshape([batch, channels, height * width]);
                Features::Flat(rows.mean_dim(2).squeeze_dim(2))
            }
            Self::Flatten(_) => Features::Flat(input.flat()),
            Self::Dropout(dropout) => match input {
                Features::Map(map) => Features::Map(dropout.forward(map)),
                Features::Flat(rows) => Features::Flat(dropout.forward(rows)),
            },
            Self::Activation(activation) => match input {
                Features::Map(map) => Features::Map(activation.forward(map)),
                Features::Flat(rows) => Features::Flat(activation.forward(rows)),
            },
        }
    }
}

impl Residual {
    pub(crate) fn layers(&self) -> &[Layer] {
        &self.layers
    }

    pub(crate) fn projection(&self) -> Option<&Conv2d> {
        self.projection.as_ref()
    }

    /// The block's layers plus its input, and perhaps the ReLU behind the block.
    pub(crate) fn forward(&self, input: Features, relu: bool) -> Features {
        let (input, shortcut) = blocks::fork(input);
        let shortcut = match &self.projection {
            Some(conv) => blocks::convolve(conv, shortcut, Epilogue::default()),
            None => shortcut,
        };
        blocks::add(blocks::forward(&self.layers, input), shortcut, relu)
    }
}

impl Activation {
    fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu(relu) => relu.forward(input),
            Self::Gelu(gelu) => gelu.forward(input),
            Self::Silu(silu) => silu.forward(input),
            Self::LeakyRelu(relu) => relu.forward(input),
            Self::Tanh(tanh) => tanh.forward(input),
            Self::Sigmoid(sigmoid) => sigmoid.forward(input),
        }
    }
}

fn init_layers(layers: &[PlannedLayer], device: &Device) -> Vec<Layer> {
    layers.iter().map(|layer| init_layer(layer, device)).collect()
}

fn init_layer(layer: &PlannedLayer, device: &Device) -> Layer {
    let inputs = match layer.input {
        FeatureShape::Map(shape) => shape.channels,
        FeatureShape::Flat(features) => features,
    };
    match layer.config {
        LayerConfig::Conv { channels, kernel, stride, padding, bias, initializer } => {
            let config = Conv2dConfig::new([inputs, channels], [kernel; 2])
                .with_stride([stride; 2])
                .with_padding(symmetric(padding))
                .with_bias(bias)
                .with_initializer(initializer.weights());
            let mut conv = config.init(device);
            conv.bias = conv.bias.map(|bias| init_bias(bias, initializer, device));
            Layer::Conv(conv)
        }
        LayerConfig::Linear { features, bias, initializer } => {
            let config = LinearConfig::new(inputs, features)
                .with_bias(bias)
                .with_initializer(initializer.weights());
            let mut linear = config.init(device);
            linear.bias = linear.bias.map(|bias| init_bias(bias, initializer, device));
            Layer::Linear(linear)
        }
        LayerConfig::BatchNorm { momentum, epsilon } => Layer::BatchNorm(
            BatchNormConfig::new(inputs).with_momentum(momentum).with_epsilon(epsilon).init(device),
        ),
        LayerConfig::MaxPool { kernel, stride, padding } => Layer::MaxPool(
            MaxPool2dConfig::new([kernel; 2])
                .with_strides([stride.unwrap_or(kernel); 2])
                .with_padding(symmetric(padding))
                .init(),
        ),
        LayerConfig::AvgPool { kernel, stride, padding } => Layer::AvgPool(
            AvgPool2dConfig::new([kernel; 2])
                .with_strides([stride.unwrap_or(kernel); 2])
                .with_padding(symmetric(padding))
                .init(),
        ),
        LayerConfig::GlobalAvgPool {} => Layer::GlobalAvgPool(GlobalAvgPool),
        LayerConfig::Flatten {} => Layer::Flatten(Flatten),
        LayerConfig::Dropout { probability } => {
            Layer::Dropout(DropoutConfig::new(probability).init())
        }
        LayerConfig::Residual { .. } => Layer::Residual(Residual {
            layers: init_layers(&layer.nested, device),
            projection: layer.projection.map(|stride| init_projection(layer, stride, device)),
        }),
        LayerConfig::Relu {} => Layer::Activation(Activation::Relu(Relu::new())),
        LayerConfig::Gelu {} => Layer::Activation(Activation::Gelu(Gelu::new())),
        LayerConfig::Silu {} => Layer::Activation(Activation::Silu(SiLU::new())),
        LayerConfig::LeakyRelu { slope } => Layer::Activation(Activation::LeakyRelu(
            LeakyReluConfig::new().with_negative_slope(slope).init(),
        )),
        LayerConfig::Tanh {} => Layer::Activation(Activation::Tanh(Tanh::new())),
        LayerConfig::Sigmoid {} => Layer::Activation(Activation::Sigmoid(Sigmoid::new())),
    }
}

/// The 1×1 convolution of a residual block's shortcut.
fn init_projection(layer: &PlannedLayer, stride: usize, device: &Device) -> Conv2d {
    let channels = |shape| match shape {
        FeatureShape::Map(shape) => shape.channels,
        FeatureShape::Flat(features) => features,
    };
    Conv2dConfig::new([channels(layer.input), channels(layer.output)], [1, 1])
        .with_stride([stride; 2])
        .with_bias(false)
        .with_initializer(Initializer::default().weights())
        .init(device)
}

/// Burn draws biases as it draws weights; most initializers want zeros instead.
fn init_bias(
    drawn: Param<Tensor<1>>,
    initializer: Initializer,
    device: &Device,
) -> Param<Tensor<1>> {
    if initializer.draws_biases() {
        drawn
    } else {
        nn::Initializer::Zeros.init(drawn.lazy_shape(), device)
    }
}

fn symmetric(padding: usize) -> PaddingConfig2d {
    PaddingConfig2d::Explicit(padding, padding, padding, padding)
}

#[cfg(test)]
mod tests {
    use data::ImageShape;
    use proptest::prelude::*;

    use super::*;

    const INPUT: ImageShape = ImageShape { channels: 2, height: 9, width: 7 };

    fn planned(layers: &[LayerConfig], classes: usize) -> Plan {
        Plan::new(layers, INPUT, classes).unwrap()
    }

    fn ramp(batch: usize, device: &Device) -> Tensor<4> {
        let count = batch * INPUT.pixels();
        let values: Vec<f32> = (0..count).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect();
        Tensor::<1>::from_floats(values.as_slice(), device).reshape([
            batch,
            INPUT.channels,
            INPUT.height,
            INPUT.width,
        ])
    }

    fn parse(text: &str) -> Vec<LayerConfig> {
        serde_json::from_str(text).unwrap()
    }

    /// Every kind of layer at once, with shapes that differ across residual blocks.
    const EVERYTHING: &str = r#"[
        {"type": "conv", "channels": 4, "kernel": 3, "padding": 1, "initializer": "xavier_normal"},
        {"type": "batch_norm"}, {"type": "silu"},
        {"type": "residual", "layers": [
            {"type": "conv", "channels": 6, "kernel": 3, "stride": 2, "padding": 1},
            {"type": "gelu"},
            {"type": "conv", "channels": 6, "kernel": 3, "padding": 1, "bias": false}
        ]},
        {"type": "leaky_relu"},
        {"type": "residual", "layers": [{"type": "tanh"}]},
        {"type": "avg_pool", "kernel": 3, "stride": 1, "padding": 1},
        {"type": "max_pool"}, {"type": "flatten"}, {"type": "dropout", "probability": 0.5},
        {"type": "linear", "features": 5, "initializer": "fan_in_uniform"},
        {"type": "sigmoid"}, {"type": "batch_norm"},
        {"type": "linear", "features": 3, "initializer": "orthogonal"}
    ]"#;

    #[test]
    fn every_kind_of_layer_runs_and_has_the_planned_parameters() {
        let device = Device::flex();
        let plan = planned(&parse(EVERYTHING), 3);
        let network = plan.init(&device);
        // Burn counts batch normalization's running mean and variance too: two more of each.
        let running = 2 * (4 + 5);
        assert_eq!(network.num_params(), plan.parameters() + running);
        assert_eq!(network.forward(ramp(2, &device)).dims(), [2, 3]);
    }

    #[test]
    fn biases_start_at_zero_unless_the_initializer_draws_them() {
        let device = Device::flex();
        for (initializer, zero) in [("kaiming_normal", true), ("fan_in_uniform", false)] {
            let layers = parse(&format!(
                r#"[{{"type": "flatten"}},
                    {{"type": "linear", "features": 3, "initializer": "{initializer}"}}]"#
            ));
            let network = planned(&layers, 3).init(&device);
            let Layer::Linear(linear) = &network.layers[1] else { panic!("not a linear layer") };
            let bias = linear.bias.as_ref().unwrap().val().abs().sum().into_scalar::<f32>();
            assert_eq!(bias == 0.0, zero, "{initializer}");
        }
    }

    #[test]
    fn an_identity_residual_block_doubles_what_passes() {
        let device = Device::flex();
        let layers = parse(
            r#"[{"type": "residual", "layers": [{"type": "leaky_relu", "slope": 1.0}]},
                {"type": "flatten"}, {"type": "linear", "features": 3}]"#,
        );
        let network = planned(&layers, 3).init(&device);
        let input = ramp(2, &device);
        let output = network.layers[0].forward(Features::Map(input.clone())).map();
        (input * 2.0).into_data().assert_eq(&output.into_data(), false);
    }

    /// Gradients of the whole network against central differences, the loss being a weighted sum
    /// of the logits.
    #[test]
    fn gradients_match_finite_differences() {
        let device = Device::flex().autodiff();
        let layers = parse(
            r#"[{"type": "conv", "channels": 3, "kernel": 3, "stride": 2, "padding": 1},
                {"type": "tanh"},
                {"type": "residual", "layers": [
                    {"type": "conv", "channels": 4, "kernel": 3, "padding": 1}, {"type": "sigmoid"}]},
                {"type": "avg_pool"}, {"type": "flatten"}, {"type": "linear", "features": 3}]"#,
        );
        let network = planned(&layers, 3).init(&device);
        let loss = |images: Tensor<4>| {
            let weights = Tensor::<1>::from_floats([1.0, -2.0, 0.5], &images.device());
            (network.forward(images) * weights.unsqueeze()).sum()
        };
        let images = ramp(1, &device).require_grad();
        let gradients = loss(images.clone()).backward();
        let gradient = images.grad(&gradients).unwrap().try_into_vec_as::<f32>().unwrap();

        let values = images.try_into_vec_as::<f32>().unwrap();
        let step = 1e-2;
        for index in (0..values.len()).step_by(11) {
            let at = |delta: f32| {
                let mut moved = values.clone();
                moved[index] += delta;
                let moved = Tensor::<1>::from_floats(moved.as_slice(), &device);
                loss(moved.reshape([1, 2, 9, 7])).into_scalar::<f32>()
            };
            let difference = (at(step) - at(-step)) / (2.0 * step);
            assert!(
                (difference - gradient[index]).abs() < 2e-3 + 1e-2 * difference.abs(),
                "pixel {index}: {difference} against {}",
                gradient[index]
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the plan accepts has the shape that Burn computes.
        #[test]
        fn inferred_shapes_are_those_of_burn(
            kernel in 1_usize..6, stride in 1_usize..4, padding in 0_usize..4,
            window in 1_usize..4, window_stride in 1_usize..4, window_padding in 0_usize..2,
        ) {
            let layers = parse(&format!(
                r#"[{{"type": "conv", "channels": 2, "kernel": {kernel}, "stride": {stride},
                      "padding": {padding}}},
                    {{"type": "max_pool", "kernel": {window}, "stride": {window_stride},
                      "padding": {window_padding}}},
                    {{"type": "global_avg_pool"}}]"#
            ));
            if let Ok(plan) = Plan::new(&layers, INPUT, 2) {
                let device = Device::flex();
                let network = plan.init(&device);
                let mut features = Features::Map(ramp(1, &device));
                for (layer, planned) in network.layers.iter().zip(plan.layers()).take(2) {
                    features = layer.forward(features);
                    let [_, channels, height, width] = features.clone().map().dims();
                    let shape = ImageShape { channels, height, width };
                    prop_assert_eq!(FeatureShape::Map(shape), planned.output);
                }
            }
        }
    }
}
