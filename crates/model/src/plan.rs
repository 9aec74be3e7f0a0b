//! Shape inference: the layers of a config, checked against an input shape and a class count.

use std::fmt;

use data::ImageShape;

use crate::LayerConfig;

/// No layer may hold more parameters or outputs than this: a typing error in a config must not ask
/// for all memory there is.
const LARGEST: usize = 1 << 30;

/// Residual blocks may be nested this deep.
const DEEPEST: usize = 16;

/// What flows between two layers, for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureShape {
    /// Channels of a height and width.
    Map(ImageShape),
    /// One row of numbers.
    Flat(usize),
}

impl FeatureShape {
    /// Numbers in all.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Map(shape) => shape.pixels(),
            Self::Flat(features) => features,
        }
    }

    /// Whether there are none; never so in a plan.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for FeatureShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(shape) => shape.fmt(formatter),
            Self::Flat(features) => features.fmt(formatter),
        }
    }
}

/// A layer that does not fit where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("layer {}{}: {problem}", self.number(), self.kind.map(|kind| format!(" ({kind})")).unwrap_or_default())]
pub struct LayerError {
    /// Index of the layer, then of the layers nested in it; empty when there is no layer at all.
    pub position: Vec<usize>,
    /// The layer's name in a config.
    pub kind: Option<&'static str>,
    /// What does not fit, with the shapes that met.
    pub problem: String,
}

impl LayerError {
    /// The position as people count: from 1, nested layers behind a dot.
    fn number(&self) -> String {
        let numbers: Vec<_> = self.position.iter().map(|index| (index + 1).to_string()).collect();
        numbers.join(".")
    }
}

/// A layer with its shapes and costs known.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedLayer {
    /// What the config says.
    pub config: LayerConfig,
    /// What comes in.
    pub input: FeatureShape,
    /// What goes out.
    pub output: FeatureShape,
    /// Trained numbers, nested layers included.
    pub parameters: usize,
    /// Multiplications with an addition for one image, nested layers included.
    pub multiply_adds: usize,
    /// The layers of a residual block.
    pub nested: Vec<PlannedLayer>,
    /// Stride of a residual block's 1×1 convolution, where its shapes differ.
    pub projection: Option<usize>,
}

/// A network that is known to fit together: `input` goes in, one number per class comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    input: ImageShape,
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
        let planned = plan_layers(layers, FeatureShape::Map(input), &[])?;
        let Some(last) = planned.last() else {
            return Err(LayerError {
                position: Vec::new(),
                kind: None,
                problem: "the network has no layers".to_owned(),
            });
        };
        if last.output != FeatureShape::Flat(classes) {
            return Err(LayerError {
                position: vec![planned.len() - 1],
                kind: Some(last.config.kind()),
                problem: format!(
                    "the network ends in {}, but the data set has {classes} classes: \
                     end it with a linear layer of {classes} features",
                    last.output
                ),
            });
        }
        Ok(Self { input, layers: planned })
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

fn plan_layers(
    layers: &[LayerConfig],
    mut input: FeatureShape,
    outer: &[usize],
) -> Result<Vec<PlannedLayer>, LayerError> {
    let mut planned = Vec::with_capacity(layers.len());
    for (index, config) in layers.iter().enumerate() {
        let position = [outer, &[index]].concat();
        let layer = plan_layer(config, input, &position)?;
        input = layer.output;
        planned.push(layer);
    }
    Ok(planned)
}

fn plan_layer(
    config: &LayerConfig,
    input: FeatureShape,
    position: &[usize],
) -> Result<PlannedLayer, LayerError> {
    let refuse = |problem: String| LayerError {
        position: position.to_vec(),
        kind: Some(config.kind()),
        problem,
    };
    if let LayerConfig::Residual { layers } = config {
        if position.len() > DEEPEST {
            return Err(refuse(format!("residual blocks are nested deeper than {DEEPEST}")));
        }
        let nested = plan_layers(layers, input, position)?;
        return residual(config, input, nested).map_err(refuse);
    }
    let (output, parameters, multiply_adds) = simple_layer(config, input).map_err(refuse)?;
    if output.len() > LARGEST || parameters > LARGEST {
        return Err(refuse(format!(
            "{output} outputs and {parameters} parameters are more than {LARGEST}"
        )));
    }
    Ok(PlannedLayer {
        config: config.clone(),
        input,
        output,
        parameters,
        multiply_adds,
        nested: Vec::new(),
        projection: None,
    })
}

/// Output shape, parameters and multiply-adds of a layer that nests no others.
fn simple_layer(
    config: &LayerConfig,
    input: FeatureShape,
) -> Result<(FeatureShape, usize, usize), String> {
    match *config {
        LayerConfig::Conv { channels, kernel, stride, padding, bias, .. } => {
            let map = feature_map(input)?;
            let window = Window { kernel, stride, padding };
            let output = window.slide(map, positive("channels", channels)?)?;
            let weights = product(&[channels, map.channels, kernel, kernel])?;
            let multiply_adds = product(&[weights, output.height, output.width])?;
            let parameters = weights + if bias { channels } else { 0 };
            Ok((FeatureShape::Map(output), parameters, multiply_adds))
        }
        LayerConfig::MaxPool { kernel, stride, padding }
        | LayerConfig::AvgPool { kernel, stride, padding } => {
            let map = feature_map(input)?;
            if padding > kernel / 2 {
                return Err(format!("padding {padding} is more than half of kernel {kernel}"));
            }
            let window = Window { kernel, stride: stride.unwrap_or(kernel), padding };
            Ok((FeatureShape::Map(window.slide(map, map.channels)?), 0, 0))
        }
        LayerConfig::GlobalAvgPool {} => {
            Ok((FeatureShape::Flat(feature_map(input)?.channels), 0, 0))
        }
        LayerConfig::Flatten {} => Ok((FeatureShape::Flat(feature_map(input)?.pixels()), 0, 0)),
        LayerConfig::Linear { features, bias, .. } => {
            let FeatureShape::Flat(inputs) = input else {
                return Err(format!(
                    "takes a row of numbers, but {input} comes in: \
                     put flatten or global_avg_pool before it"
                ));
            };
            let weights = product(&[inputs, positive("features", features)?])?;
            let parameters = weights + if bias { features } else { 0 };
            Ok((FeatureShape::Flat(features), parameters, weights))
        }
        LayerConfig::BatchNorm { momentum, epsilon } => {
            if !(0.0..=1.0).contains(&momentum) {
                return Err(format!("momentum {momentum} is outside 0 to 1"));
            }
            if !(epsilon.is_finite() && epsilon > 0.0) {
                return Err(format!("epsilon {epsilon} is not above 0"));
            }
            Ok((input, 2 * channels_of(input), 0))
        }
        LayerConfig::Dropout { probability } => {
            if !(0.0..1.0).contains(&probability) {
                return Err(format!("probability {probability} is outside 0 to 1 (1 excluded)"));
            }
            Ok((input, 0, 0))
        }
        LayerConfig::LeakyRelu { slope } if !slope.is_finite() => {
            Err(format!("slope {slope} is not a finite number"))
        }
        _ => Ok((input, 0, 0)),
    }
}

/// A residual block around `nested`: finds the stride with which a 1×1 convolution brings the
/// input to the output's size.
fn residual(
    config: &LayerConfig,
    input: FeatureShape,
    nested: Vec<PlannedLayer>,
) -> Result<PlannedLayer, String> {
    let output = nested.last().ok_or("has no nested layers")?.output;
    let mut parameters = total(nested.iter().map(|layer| layer.parameters));
    let mut multiply_adds = total(nested.iter().map(|layer| layer.multiply_adds));
    let projection = if input == output {
        None
    } else {
        let (FeatureShape::Map(from), FeatureShape::Map(to)) = (input, output) else {
            return Err(format!("{input} comes in and {output} goes out: they cannot be added"));
        };
        let stride = from.height.div_ceil(to.height);
        let window = Window { kernel: 1, stride, padding: 0 };
        if window.slide(from, to.channels)? != to {
            return Err(format!(
                "{input} comes in and {output} goes out: no stride of a 1×1 convolution fits"
            ));
        }
        parameters = total([parameters, product(&[from.channels, to.channels])?]);
        multiply_adds = total([multiply_adds, product(&[from.channels, to.pixels()])?]);
        Some(stride)
    };
    if parameters > LARGEST {
        return Err(format!("its {parameters} parameters are more than {LARGEST}"));
    }
    Ok(PlannedLayer {
        config: config.clone(),
        input,
        output,
        parameters,
        multiply_adds,
        nested,
        projection,
    })
}

/// A square window that slides over a feature map.
struct Window {
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Window {
    fn slide(&self, map: ImageShape, channels: usize) -> Result<ImageShape, String> {
        positive("kernel", self.kernel)?;
        positive("stride", self.stride)?;
        let side = |length: usize| {
            self.padding
                .checked_mul(2)
                .and_then(|border| border.checked_add(length))
                .and_then(|padded| padded.checked_sub(self.kernel))
                .map(|room| room / self.stride + 1)
        };
        match (side(map.height), side(map.width)) {
            (Some(height), Some(width)) => {
                product(&[channels, height, width])?;
                Ok(ImageShape { channels, height, width })
            }
            _ => Err(format!(
                "kernel {kernel}×{kernel} with padding {padding} does not fit into {map}",
                kernel = self.kernel,
                padding = self.padding,
            )),
        }
    }
}

fn feature_map(input: FeatureShape) -> Result<ImageShape, String> {
    match input {
        FeatureShape::Map(shape) => Ok(shape),
        FeatureShape::Flat(features) => Err(format!(
            "takes a feature map (channels×height×width), but a row of {features} numbers comes in"
        )),
    }
}

fn channels_of(input: FeatureShape) -> usize {
    match input {
        FeatureShape::Map(shape) => shape.channels,
        FeatureShape::Flat(features) => features,
    }
}

fn positive(name: &str, value: usize) -> Result<usize, String> {
    if value == 0 { Err(format!("{name} must be at least 1")) } else { Ok(value) }
}

/// The sum, or the largest number there is: enough layers that are each just possible exceed it.
fn total(numbers: impl IntoIterator<Item = usize>) -> usize {
    numbers.into_iter().fold(0, usize::saturating_add)
}

fn product(factors: &[usize]) -> Result<usize, String> {
    factors
        .iter()
        .try_fold(1_usize, |product, &factor| product.checked_mul(factor))
        .filter(|&product| product <= usize::MAX >> 8)
        .ok_or_else(|| "is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGIT: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

    fn conv(channels: usize, kernel: usize) -> LayerConfig {
        strided(channels, kernel, 1, 0)
    }

    fn strided(channels: usize, kernel: usize, stride: usize, padding: usize) -> LayerConfig {
        LayerConfig::Conv {
            channels,
            kernel,
            stride,
            padding,
            bias: true,
            initializer: crate::Initializer::default(),
        }
    }

    fn linear(features: usize) -> LayerConfig {
        LayerConfig::Linear { features, bias: true, initializer: crate::Initializer::default() }
    }

    fn pool() -> LayerConfig {
        LayerConfig::MaxPool { kernel: 2, stride: None, padding: 0 }
    }

    fn problem(layers: &[LayerConfig]) -> String {
        Plan::new(layers, DIGIT, 10).unwrap_err().to_string()
    }

    #[test]
    fn counts_of_the_keras_network_match_its_published_summary() {
        let layers = [
            conv(32, 3),
            LayerConfig::Relu {},
            pool(),
            conv(64, 3),
            LayerConfig::Relu {},
            pool(),
            conv(64, 3),
            LayerConfig::Relu {},
            LayerConfig::Flatten {},
            linear(64),
            LayerConfig::Relu {},
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
        let block = LayerConfig::Residual {
            layers: vec![strided(8, 3, 2, 1), LayerConfig::Relu {}, strided(8, 3, 1, 1)],
        };
        let layers = [block, LayerConfig::GlobalAvgPool {}, linear(10)];
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
        let message = problem(&[LayerConfig::Flatten {}, linear(7)]);
        assert!(message.contains("ends in 7") && message.contains("10 classes"), "{message}");
    }

    #[test]
    fn a_nested_layer_is_named_by_its_path() {
        let block = LayerConfig::Residual { layers: vec![conv(1, 3), strided(4, 99, 1, 0)] };
        let message = problem(&[conv(1, 3), block]);
        assert!(message.starts_with("layer 2.2 (conv): "), "{message}");
    }

    #[test]
    fn absurd_sizes_are_refused_without_overflow() {
        for layers in [
            [conv(usize::MAX, 3), linear(10)],
            [strided(1, 3, 1, usize::MAX), linear(10)],
            [conv(1 << 40, 3), linear(10)],
            [LayerConfig::Flatten {}, linear(usize::MAX)],
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
        let layers = [vec![map], costly, vec![LayerConfig::GlobalAvgPool {}, linear(1)]].concat();
        assert_eq!(Plan::new(&layers, DIGIT, 1).unwrap().multiply_adds(), usize::MAX);
    }

    #[test]
    fn a_residual_block_of_costly_layers_is_refused() {
        let (map, layers) = costly();
        let message = problem(&[map, LayerConfig::Residual { layers }]);
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
