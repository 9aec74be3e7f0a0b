//! Convolution over a feature map.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::Device;
use kernels::{Epilogue, Pipeline, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::initializer::{Initializer, init_bias};
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::numbers::numbers;
use super::planned::{FeatureShape, LayerError, PlannedLayer, positive, product, total};
use super::window::{SlidingWindow, padding, symmetric};

const KIND: &str = "conv";

/// Convolution over a feature map (cross-correlation, as everywhere in the field).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Groups that the input's and the output's channels are divided into; each group of outputs
    /// sees one group of inputs. As many as input channels is a depthwise convolution.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub groups: usize,
    /// Whether a bias is added to every output channel.
    #[serde(default = "yes")]
    pub bias: bool,
    /// How the kernels start.
    #[serde(default)]
    pub initializer: Initializer,
}

impl ConvConfig {
    /// A convolution with so many output channels and a kernel of this side, and the defaults of a
    /// config for everything else.
    #[must_use]
    pub fn new(channels: usize, kernel: usize) -> Self {
        Self {
            channels,
            kernel,
            stride: one(),
            padding: 0,
            groups: one(),
            bias: yes(),
            initializer: Initializer::default(),
        }
    }
}

impl LayerType for ConvConfig {
    type Module = Conv2d;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { channels, kernel, stride, padding, groups, bias, .. } = *self;
        let map = input.map()?;
        let window = SlidingWindow { kernel, stride, padding };
        let output = window.slide(map, positive("channels", channels)?)?;
        positive("groups", groups)?;
        if !(map.channels.is_multiple_of(groups) && channels.is_multiple_of(groups)) {
            let problem = format!(
                "groups {groups} must divide both the {} channels that come in and the {channels} \
                 that go out",
                map.channels
            );
            return Err(problem.into());
        }
        let weights = product(&[channels, map.channels / groups, kernel, kernel])?;
        let free = PlannedLayer::free(KIND, input, FeatureShape::Map(output));
        Ok(PlannedLayer {
            working: total([free.working, window.padded(map)]),
            parameters: weights + if bias { channels } else { 0 },
            multiply_adds: product(&[weights, output.height, output.width])?,
            ..free
        })
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> Conv2d {
        let config = Conv2dConfig::new([planned.input.channels(), self.channels], [self.kernel; 2])
            .with_stride([self.stride; 2])
            .with_padding(symmetric(self.padding))
            .with_groups(self.groups)
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
    ) {
        let mut weights = numbers(self.weight.val());
        let [features, _, kernel, _] = self.weight.dims();
        let mut bias = match &self.bias {
            Some(bias) => numbers(bias.val()),
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
    }
}

/// How the kernel moves.
fn window(conv: &Conv2d) -> Window {
    Window { stride: conv.stride[0], padding: padding(&conv.padding), groups: conv.groups }
}

fn one() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference.
fn is_one(number: &usize) -> bool {
    *number == 1
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use burn::module::Module;
    use burn::tensor::{Tensor, TensorData};
    use data::ImageShape;

    use super::*;
    use crate::layers::LayerConfig;
    use crate::network::Network;
    use crate::plan::Plan;

    const INPUT: ImageShape = ImageShape { channels: 4, height: 9, width: 8 };

    /// A depthwise separable block (Howard et al. 2017) between two other kinds of groups.
    const LAYERS: &str = r#"[
        {"type": "conv", "channels": 24, "kernel": 3, "padding": 1, "groups": 2},
        {"type": "relu"},
        {"type": "conv", "channels": 24, "kernel": 3, "padding": 1, "groups": 24, "bias": false},
        {"type": "batch_norm"}, {"type": "relu"},
        {"type": "conv", "channels": 32, "kernel": 1, "bias": false},
        {"type": "batch_norm"}, {"type": "relu"},
        {"type": "conv", "channels": 16, "kernel": 3, "stride": 2, "groups": 4},
        {"type": "global_avg_pool"}, {"type": "linear", "features": 3}
    ]"#;

    fn plan(layers: &str) -> Plan {
        let layers: Vec<LayerConfig> = serde_json::from_str(layers).unwrap();
        Plan::new(&layers, INPUT, 3).unwrap()
    }

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|index| ((index * 37) % 101) as f32 / 50.0 - 1.0).collect()
    }

    fn images(count: usize, device: &Device) -> Tensor<4> {
        let shape = [count, INPUT.channels, INPUT.height, INPUT.width];
        Tensor::from_data(TensorData::new(numbers(count * INPUT.pixels()), shape), device)
    }

    #[test]
    fn groups_divide_parameters_and_multiply_adds() {
        let plan = plan(LAYERS);
        let layers = plan.layers();
        // features · (channels / groups) · 3², and a bias.
        assert_eq!(layers[0].parameters, 24 * 2 * 9 + 24);
        assert_eq!(layers[0].multiply_adds, 24 * 2 * 9 * 72);
        assert_eq!((layers[2].parameters, layers[2].multiply_adds), (24 * 9, 24 * 9 * 72));
        assert_eq!(layers[8].parameters, 16 * 8 * 9 + 16);
        // Burn counts batch normalization's running mean and variance too.
        let running = 2 * (24 + 32);
        assert_eq!(plan.init(&Device::flex()).num_params(), plan.parameters() + running);
    }

    #[test]
    fn groups_that_do_not_divide_the_channels_are_refused_with_both() {
        for (groups, channels) in [(3, 6), (4, 6), (8, 8)] {
            let conv = ConvConfig { groups, ..ConvConfig::new(channels, 3) };
            let message = conv.plan(FeatureShape::Map(INPUT)).unwrap_err().to_string();
            let expected = format!(
                "groups {groups} must divide both the 4 channels that come in and the {channels}"
            );
            assert!(message.contains(&expected), "{message}");
        }
        let none = ConvConfig { groups: 0, ..ConvConfig::new(4, 3) };
        let message = none.plan(FeatureShape::Map(INPUT)).unwrap_err().to_string();
        assert!(message.contains("groups must be at least 1"), "{message}");
    }

    #[test]
    fn a_card_without_groups_is_written_as_before() {
        let text = serde_json::to_string(&ConvConfig::new(4, 3)).unwrap();
        assert!(!text.contains("groups"), "{text}");
    }

    /// A network after a pass in training, which moves the running statistics away from 0 and 1.
    fn trained(device: &Device) -> Network {
        let network = plan(LAYERS).init(device);
        let _ = network.forward(images(30, device));
        network
    }

    #[test]
    fn a_pipeline_with_groups_computes_what_the_network_does() {
        let network = trained(&Device::flex().autodiff()).valid();
        let expected = network.forward(images(30, &Device::flex()));
        let expected = expected.try_into_vec_as::<f32>().unwrap();
        let found = network.pipeline(INPUT).run(&numbers(30 * INPUT.pixels()));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{found} instead of {expected}");
        }
    }

    #[test]
    fn gradients_of_a_depthwise_separable_block_match_finite_differences() {
        let device = Device::flex().autodiff();
        // Smooth, so that a step crosses no kink.
        let layers = LAYERS.replace("relu", "tanh").replace(r#"{"type": "batch_norm"}, "#, "");
        let network = plan(&layers).init(&device);
        let loss = |images: Tensor<4>| {
            let weights = Tensor::<1>::from_floats([1.0, -2.0, 0.5], &images.device());
            (network.forward(images) * weights.unsqueeze()).sum()
        };
        let input = images(1, &device).require_grad();
        let gradients = loss(input.clone()).backward();
        let gradient = input.grad(&gradients).unwrap().try_into_vec_as::<f32>().unwrap();
        let values = numbers(INPUT.pixels());
        let step = 1e-2;
        for index in (0..values.len()).step_by(7) {
            let at = |delta: f32| {
                let mut moved = values.clone();
                moved[index] += delta;
                let shape = [1, INPUT.channels, INPUT.height, INPUT.width];
                loss(Tensor::from_data(TensorData::new(moved, shape), &device)).into_scalar::<f32>()
            };
            let difference = (at(step) - at(-step)) / (2.0 * step);
            assert!(
                (difference - gradient[index]).abs() < 2e-3 + 1e-2 * difference.abs(),
                "pixel {index}: {difference} against {}",
                gradient[index]
            );
        }
    }
}
