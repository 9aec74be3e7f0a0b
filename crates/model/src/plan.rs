//! Shape inference: the layers of a config, checked against an input shape and a class count.

use burn::module::Module;
use burn::tensor::Device;
use data::ImageShape;

use crate::layers::{
    FeatureShape, LayerConfig, LayerError, LayerType, PlannedLayer, plan_layers, total,
};
use crate::network::Network;

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
    /// The first layer that does not fit, with the shapes that met.
    pub fn new(
        layers: &[LayerConfig],
        input: ImageShape,
        classes: usize,
    ) -> Result<Self, LayerError> {
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
        Ok(Self { input, configs: layers.to_vec(), layers: planned })
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

    /// A map of 2^27 positions, and behind it hundreds of layers of 2^28 weights, each of them just
    /// possible.
    fn costly() -> (LayerConfig, Vec<LayerConfig>) {
        (strided(1, 1, 1, 5_778), vec![strided(1, 16_383, 1, 8_191); 600])
    }

    #[test]
    fn costs_beyond_the_largest_number_do_not_overflow() {
        let (map, costly) = costly();
        let layers = [
            vec![map],
            costly,
            vec![LayerConfig::GlobalAvgPool(GlobalAvgPoolConfig {}), linear(1)],
        ]
        .concat();
        assert_eq!(Plan::new(&layers, DIGIT, 1).unwrap().multiply_adds(), usize::MAX);
    }

    #[test]
    fn a_residual_block_of_costly_layers_is_refused() {
        let (map, layers) = costly();
        let message = problem(&[map, residual(layers)]);
        assert!(message.contains("parameters are more than"), "{message}");
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
