//! A residual block: the one layer type that nests others.
//!
//! Its config and its module are generic over the layers that they nest, so that this file does not
//! depend on the list of all layer types, which has it as an entry.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, activation};
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::fusion::apply_layers;
use super::initializer::Initializer;
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::pipeline::add_layers;
use super::planned::{FeatureShape, LayerError, PlannedLayer, product, total};
use super::planning::plan_layers;
use super::window::SlidingWindow;

const KIND: &str = "residual";

/// Residual blocks may be nested this deep.
const DEEPEST: usize = 16;

/// Adds its input to the output of the nested layers (He et al. 2015). Where the shapes differ, the
/// input passes through a 1×1 convolution first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualConfig<L> {
    /// The nested layers.
    pub layers: Vec<L>,
}

/// The module; its fields' names are part of the parameter paths in saved weights.
#[derive(Module, Debug)]
pub(crate) struct Residual<L: Module> {
    layers: Vec<L>,
    projection: Option<Conv2d>,
}

impl<L: LayerType<Module: Module>> LayerType for ResidualConfig<L> {
    type Module = Residual<L::Module>;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        if self.depth() > DEEPEST {
            return Err(format!("residual blocks are nested deeper than {DEEPEST}").into());
        }
        let nested = plan_layers(&self.layers, input)?;
        let output = nested.last().ok_or_else(|| "has no nested layers".to_owned())?.output;
        let mut parameters = total(nested.iter().map(|layer| layer.parameters));
        let mut multiply_adds = total(nested.iter().map(|layer| layer.multiply_adds));
        let projection = projection_stride(input, output)?;
        if projection.is_some() {
            let weights = product(&[input.channels(), output.channels()])?;
            parameters = total([parameters, weights]);
            multiply_adds = total([multiply_adds, product(&[input.channels(), output.len()])?]);
        }
        let free = PlannedLayer::free(KIND, input, output);
        let within = nested.iter().map(|layer| layer.working).max().unwrap_or(0);
        let working = total([free.working, within]);
        let kept = total(nested.iter().map(|layer| layer.kept));
        Ok(PlannedLayer { parameters, multiply_adds, working, kept, nested, projection, ..free })
    }

    fn depth(&self) -> usize {
        1 + self.layers.iter().map(LayerType::depth).max().unwrap_or(0)
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> Residual<L::Module> {
        let nested = self.layers.iter().zip(&planned.nested);
        Residual {
            layers: nested.map(|(layer, planned)| layer.init(planned, device)).collect(),
            projection: planned.projection.map(|stride| {
                Conv2dConfig::new(
                    [planned.input, planned.output].map(FeatureShape::channels),
                    [1, 1],
                )
                .with_stride([stride; 2])
                .with_bias(false)
                .with_initializer(Initializer::default().weights())
                .init(device)
            }),
        }
    }
}

/// The stride with which a 1×1 convolution brings `input` to the size of `output`; none where the
/// shapes are equal.
fn projection_stride(input: FeatureShape, output: FeatureShape) -> Result<Option<usize>, String> {
    if input == output {
        return Ok(None);
    }
    let (FeatureShape::Map(from), FeatureShape::Map(to)) = (input, output) else {
        return Err(format!("{input} comes in and {output} goes out: they cannot be added"));
    };
    let stride = from.height.div_ceil(to.height);
    let window = SlidingWindow { kernel: 1, stride, padding: 0 };
    if window.slide(from, to.channels)? != to {
        return Err(format!(
            "{input} comes in and {output} goes out: no stride of a 1×1 convolution fits"
        ));
    }
    Ok(Some(stride))
}

impl<L: LayerModule + Module> LayerModule for Residual<L> {
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features {
        let (input, shortcut) = fork(input);
        let shortcut = match &self.projection {
            Some(conv) => conv.apply(shortcut, Epilogue::default()),
            None => shortcut,
        };
        add(apply_layers(&self.layers, input), shortcut, epilogue.relu)
    }

    fn fuses(&self, next: Fusible) -> bool {
        match next {
            Fusible::Relu => true,
            Fusible::Pool => false,
        }
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        epilogue: Epilogue,
    ) {
        let mut nested = Pipeline::new(pipeline.output());
        add_layers(&mut nested, &self.layers);
        let shortcut = match &self.projection {
            Some(conv) => {
                let mut shortcut = Pipeline::new(pipeline.output());
                conv.add_to_pipeline(&mut shortcut, None, Epilogue::default());
                Some(shortcut)
            }
            None => None,
        };
        pipeline.residual(nested, shortcut, epilogue.relu);
    }
}

/// The same map or rows twice, for the nested layers and for the shortcut.
fn fork(input: Features) -> (Features, Features) {
    match input {
        Features::Map(map) => {
            let [left, right] = kernels::fork(map);
            (Features::Map(left), Features::Map(right))
        }
        Features::Flat(rows) => (Features::Flat(rows.clone()), Features::Flat(rows)),
    }
}

/// The sum of two maps or rows, and perhaps a ReLU.
fn add(left: Features, right: Features, relu: bool) -> Features {
    match (left, right) {
        (Features::Map(left), right) => Features::Map(kernels::add(left, right.map(), relu)),
        (Features::Flat(left), right) => {
            let sum = left + right.flat();
            Features::Flat(if relu { activation::relu(sum) } else { sum })
        }
    }
}
