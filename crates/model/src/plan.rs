//! Shape inference: the layers of a config, checked against an input shape and a class count.

use burn::module::Module;
use burn::tensor::Device;
use data::ImageShape;

use crate::layers::{
    FeatureShape, LayerConfig, LayerError, LayerType, PlannedLayer, check_parameters, plan_layers,
    total,
};
use crate::memory::{TrainingMemory, bytes};
use crate::network::Network;

/// Most numbers of an input image: as many as the largest picture that is decoded has pixels.
const MOST_INPUTS: usize = 1 << 26;

/// Most multiplications with an addition for one image: minutes on a processor's core. A model from a
/// stranger must not compute for days; ResNet-50 needs 4 · 10⁹ for 224×224 pixels.
const MOST_WORK: usize = 1 << 44;

/// A network that is known to fit together: `input` goes in, one number per class comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    input: ImageShape,
    configs: Vec<LayerConfig>,
    layers: Vec<PlannedLayer>,
}

impl Plan {
    /// Checks that `layers` fit one another, take images of the shape `input` and end in `classes`
    /// numbers.
    ///
    /// # Errors
    /// The first layer that does not fit, with the shapes that met, or that needs more memory than any
    /// may; an input or a network that is too large.
    pub fn new(
        layers: &[LayerConfig],
        input: ImageShape,
        classes: usize,
    ) -> Result<Self, LayerError> {
        if input.pixels() == 0 || input.pixels() > MOST_INPUTS {
            let problem = format!("an input of {input} is outside 1 to {MOST_INPUTS} numbers");
            return Err(problem.into());
        }
        let planned = plan_layers(layers, FeatureShape::Map(input))?;
        let Some(last) = planned.last() else {
            return Err("the network has no layers".to_owned().into());
        };
        if last.output != FeatureShape::Flat(classes) {
            return Err(LayerError {
                position: vec![planned.len() - 1],
                kind: Some(last.kind),
                problem: format!(
                    "the network ends in {}, but the data set has {classes} classes: \
                     end it with a linear layer of {classes} features",
                    last.output
                ),
            });
        }
        let plan = Self { input, configs: layers.to_vec(), layers: planned };
        check_parameters(plan.parameters())?;
        let work = plan.multiply_adds();
        if work > MOST_WORK {
            let problem = format!(
                "{work} multiply-adds for one image are more than the limit, {MOST_WORK}: use smaller \
                 kernels or a larger stride"
            );
            return Err(problem.into());
        }
        Ok(plan)
    }

    /// Builds the network on `device`, its weights drawn from the device's random numbers.
    ///
    /// Every weight is drawn before this returns, so that the draws depend on the device's seed
    /// alone and not on what runs next.
    #[must_use]
    pub fn init(&self, device: &Device) -> Network {
        let layers = self.configs.iter().zip(&self.layers);
        let layers = layers.map(|(config, planned)| config.init(planned, device)).collect();
        Network::new(layers).materialize()
    }

    /// Shape of the images that go in.
    #[must_use]
    pub fn input(&self) -> ImageShape {
        self.input
    }

    /// The layers, first to last.
    #[must_use]
    pub fn layers(&self) -> &[PlannedLayer] {
        &self.layers
    }

    /// Trained numbers in all.
    #[must_use]
    pub fn parameters(&self) -> usize {
        total(self.layers.iter().map(|layer| layer.parameters))
    }

    /// Multiplications with an addition for one image.
    #[must_use]
    pub fn multiply_adds(&self) -> usize {
        total(self.layers.iter().map(|layer| layer.multiply_adds))
    }

    /// The bytes that classifying one image needs at most: the weights, their copy in the order that
    /// kernels read them in, and what exists at the same time in the largest layer.
    #[must_use]
    pub fn inference_memory(&self) -> u64 {
        let weights = bytes(self.parameters()).saturating_mul(2);
        weights.saturating_add(bytes(self.working()))
    }

    /// About what training needs with batches of `batch` images and an optimizer that stores `states`
    /// numbers for every parameter (2 for Adam). Measured on flex with images of 256×256 pixels, it is
    /// 6 % too low for a network with batch normalization and GELU, and 30 % too high for one in which
    /// convolutions are fused with pools.
    #[must_use]
    pub fn training_memory(&self, batch: usize, states: usize) -> TrainingMemory {
        // Weights, gradients, and the states.
        let numbers = self.parameters().saturating_mul(states.saturating_add(2));
        let kept = total(self.layers.iter().map(|layer| layer.kept));
        // The maps of the largest layer and their gradients exist at the same time.
        let of_image = kept.saturating_add(self.working().saturating_mul(2));
        TrainingMemory {
            parameters: bytes(numbers),
            activations: bytes(of_image.saturating_mul(batch)),
        }
    }

    /// The layer of which training keeps most, to be named where it is too much.
    #[must_use]
    pub fn largest_layer(&self) -> Option<(usize, &PlannedLayer)> {
        let cost = |layer: &PlannedLayer| total([layer.kept, layer.working]);
        self.layers.iter().enumerate().max_by_key(|(_, layer)| cost(layer))
    }

    /// Numbers that exist at the same time in the largest layer, for one image.
    fn working(&self) -> usize {
        self.layers.iter().map(|layer| layer.working).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{
        ConvConfig, FlattenConfig, GlobalAvgPoolConfig, Initializer, LinearConfig, MaxPoolConfig,
        ReluConfig, ResidualConfig,
    };

    const DIGIT: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

    fn conv(channels: usize, kernel: usize) -> LayerConfig {
        strided(channels, kernel, 1, 0)
    }

    fn strided(channels: usize, kernel: usize, stride: usize, padding: usize) -> LayerConfig {
        LayerConfig::Conv(ConvConfig { stride, padding, ..ConvConfig::new(channels, kernel) })
    }

    fn linear(features: usize) -> LayerConfig {
        LayerConfig::Linear(LinearConfig {
            features,
            bias: true,
            initializer: Initializer::default(),
        })
    }

    fn pool() -> LayerConfig {
        LayerConfig::MaxPool(MaxPoolConfig { kernel: 2, stride: None, padding: 0 })
    }

    fn residual(layers: Vec<LayerConfig>) -> LayerConfig {
        LayerConfig::Residual(ResidualConfig { layers })
    }

    fn problem(layers: &[LayerConfig]) -> String {
        Plan::new(layers, DIGIT, 10).unwrap_err().to_string()
    }

    #[test]
    fn counts_of_the_keras_network_match_its_published_summary() {
        let layers = [
            conv(32, 3),
            LayerConfig::Relu(ReluConfig {}),
            pool(),
            conv(64, 3),
            LayerConfig::Relu(ReluConfig {}),
            pool(),
            conv(64, 3),
            LayerConfig::Relu(ReluConfig {}),
            LayerConfig::Flatten(FlattenConfig {}),
            linear(64),
            LayerConfig::Relu(ReluConfig {}),
            linear(10),
        ];
        let plan = Plan::new(&layers, DIGIT, 10).unwrap();
        let parameters: Vec<_> = plan.layers().iter().map(|layer| layer.parameters).collect();
        assert_eq!(parameters, [320, 0, 0, 18_496, 0, 0, 36_928, 0, 0, 36_928, 0, 650]);
        assert_eq!(plan.parameters(), 93_322);
        let shapes: Vec<_> = plan.layers().iter().map(|layer| layer.output.to_string()).collect();
        assert_eq!(shapes[0], "32×26×26");
        assert_eq!(shapes[5], "64×5×5");
        assert_eq!(shapes[8], "576");
    }

    #[test]
    fn a_residual_block_projects_where_shapes_differ() {
        let block = residual(vec![
            strided(8, 3, 2, 1),
            LayerConfig::Relu(ReluConfig {}),
            strided(8, 3, 1, 1),
        ]);
        let layers = [block, LayerConfig::GlobalAvgPool(GlobalAvgPoolConfig {}), linear(10)];
        let plan = Plan::new(&layers, DIGIT, 10).unwrap();
        assert_eq!(plan.layers()[0].projection, Some(2));
        assert_eq!(plan.layers()[0].output.to_string(), "8×14×14");
        assert_eq!(plan.layers()[0].parameters, (9 * 8 + 8) + (9 * 64 + 8) + 8);
    }

    #[test]
    fn a_linear_layer_over_a_map_asks_for_flatten() {
        let message = problem(&[conv(4, 3), linear(10)]);
        assert!(message.starts_with("layer 2 (linear): "), "{message}");
        assert!(message.contains("4×26×26") && message.contains("flatten"), "{message}");
    }

    #[test]
    fn a_window_larger_than_its_map_is_refused_with_both() {
        let message = problem(&[strided(4, 29, 1, 0)]);
        assert!(message.contains("29×29") && message.contains("1×28×28"), "{message}");
    }

    #[test]
    fn a_wrong_number_of_classes_names_the_remedy() {
        let message = problem(&[LayerConfig::Flatten(FlattenConfig {}), linear(7)]);
        assert!(message.contains("ends in 7") && message.contains("10 classes"), "{message}");
    }

    #[test]
    fn a_nested_layer_is_named_by_its_path() {
        let block = residual(vec![conv(1, 3), strided(4, 99, 1, 0)]);
        let message = problem(&[conv(1, 3), block]);
        assert!(message.starts_with("layer 2.2 (conv): "), "{message}");
    }

    #[test]
    fn absurd_sizes_are_refused_without_overflow() {
        for layers in [
            [conv(usize::MAX, 3), linear(10)],
            [strided(1, 3, 1, usize::MAX), linear(10)],
            [conv(1 << 40, 3), linear(10)],
            [LayerConfig::Flatten(FlattenConfig {}), linear(usize::MAX)],
        ] {
            assert!(Plan::new(&layers, DIGIT, 10).is_err(), "{layers:?}");
        }
    }

    /// Rows of 30,000 numbers, with 900 million weights between two of them.
    fn rows(count: usize) -> Vec<LayerConfig> {
        vec![linear(30_000); count]
    }

    #[test]
    fn parameters_are_bounded_in_all() {
        let flatten = vec![LayerConfig::Flatten(FlattenConfig {})];
        let layers = |count| [flatten.clone(), rows(count), vec![linear(10)]].concat();
        let plan = Plan::new(&layers(2), DIGIT, 10).unwrap();
        assert_eq!(plan.parameters(), 785 * 30_000 + 30_001 * 30_000 + 30_001 * 10);
        let message = problem(&layers(3));
        assert!(message.starts_with("1823910010 parameters are more than"), "{message}");
    }

    #[test]
    fn a_residual_block_of_costly_layers_is_refused() {
        let flatten = LayerConfig::Flatten(FlattenConfig {});
        let message = problem(&[flatten, linear(30_000), residual(rows(2))]);
        assert!(message.starts_with("layer 3 (residual): "), "{message}");
        assert!(message.contains("parameters are more than"), "{message}");
    }

    #[test]
    fn work_is_bounded_in_all() {
        let wide = strided(1, 1, 1, 3_986);
        let slow = strided(1, 401, 1, 200);
        let end = vec![LayerConfig::GlobalAvgPool(GlobalAvgPoolConfig {}), linear(10)];
        let layers = |count| [vec![wide.clone()], vec![slow.clone(); count], end.clone()].concat();
        assert!(Plan::new(&layers(1), DIGIT, 10).unwrap().multiply_adds() > 1 << 43);
        let message = problem(&layers(2));
        assert!(message.contains("multiply-adds for one image are more than"), "{message}");
    }

    #[test]
    fn padding_counts_as_memory() {
        let end = [LayerConfig::GlobalAvgPool(GlobalAvgPoolConfig {}), linear(10)];
        for (layer, figure) in [
            // 32,028² numbers come in padded, and as many go out.
            (strided(1, 1, 1, 16_000), "8.2 GB"),
            // A large stride leaves little of a large border.
            (strided(1, 1, 30_000, 16_000), "4.1 GB"),
            (
                LayerConfig::MaxPool(MaxPoolConfig {
                    kernel: 60_000,
                    stride: None,
                    padding: 29_999,
                }),
                "14.4 GB",
            ),
        ] {
            let message = problem(&[vec![layer], end.to_vec()].concat());
            assert!(message.starts_with("layer 1 ("), "{message}");
            assert!(message.contains(figure) && message.contains("limit of 2.1 GB"), "{message}");
        }
    }

    #[test]
    fn inputs_that_no_picture_has_are_refused() {
        let layers = [LayerConfig::GlobalAvgPool(GlobalAvgPoolConfig {}), linear(10)];
        for side in [0, 1 << 14, 1 << 32, usize::MAX] {
            let input = ImageShape { channels: 1, height: side, width: side };
            let message = Plan::new(&layers, input, 10).unwrap_err().to_string();
            assert!(message.starts_with("an input of 1×"), "{message}");
        }
    }

    #[test]
    fn memory_is_that_of_weights_and_maps() {
        let relu = LayerConfig::Relu(ReluConfig {});
        let layers =
            [strided(8, 3, 1, 1), relu, pool(), LayerConfig::Flatten(FlattenConfig {}), linear(10)];
        let plan = Plan::new(&layers, DIGIT, 10).unwrap();
        let (map, pooled) = (8 * 28 * 28, 8 * 14 * 14);
        let parameters = 80 + 10 * pooled + 10;
        // The image, its padded copy, and the map.
        let working = 28 * 28 + 30 * 30 + map;
        assert_eq!(plan.inference_memory(), 4 * (2 * parameters + working) as u64);
        // The input of the convolution, what the pool chose, the input of the linear layer.
        let kept = 28 * 28 + pooled + pooled;
        let memory = plan.training_memory(100, 2);
        assert_eq!(memory.parameters, 4 * 4 * parameters as u64);
        assert_eq!(memory.activations, 4 * 100 * (kept + 2 * working) as u64);
        assert_eq!(memory.total(), memory.parameters + memory.activations);
        assert_eq!(plan.largest_layer().unwrap().1.kind, "max_pool");
        assert_eq!(plan.training_memory(usize::MAX, usize::MAX).total(), u64::MAX);
    }

    #[test]
    fn zero_sizes_are_refused() {
        for layer in [conv(0, 3), conv(4, 0), strided(4, 3, 0, 0)] {
            assert!(problem(&[layer]).contains("at least 1"));
        }
    }

    #[test]
    fn an_empty_network_is_refused() {
        assert!(problem(&[]).contains("no layers"));
    }
}
