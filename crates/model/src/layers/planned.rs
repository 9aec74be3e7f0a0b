//! What shape inference finds out about layers, and the errors where they do not fit.

use std::fmt;

use data::ImageShape;

use crate::memory::{bytes, size_text};

/// Most numbers that a layer may need at once for one image: 2.1 GB. A typing error in a config, or
/// a model from a stranger, must not ask for all memory there is; a convolution from 64 channels to
/// 64 over 1,500×1,500 pixels needs 1.7 GB.
const MOST_NUMBERS: usize = 1 << 29;
/// Most parameters of a network: 4.3 GB, and four times as much while Adam trains it.
const MOST_PARAMETERS: usize = 1 << 30;

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

    /// Channels of a map, numbers of a row.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Map(shape) => shape.channels,
            Self::Flat(features) => features,
        }
    }

    /// The map; an error that says what came in instead.
    pub(crate) fn map(self) -> Result<ImageShape, String> {
        match self {
            Self::Map(shape) => Ok(shape),
            Self::Flat(features) => Err(format!(
                "takes a feature map (channels×height×width), but a row of {features} numbers \
                 comes in"
            )),
        }
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
#[error("{}{problem}", self.layer())]
pub struct LayerError {
    /// Index of the layer, then of the layers nested in it; empty when there is no layer at all.
    pub position: Vec<usize>,
    /// The layer's name in a config.
    pub kind: Option<&'static str>,
    /// What does not fit, with the shapes that met.
    pub problem: String,
}

impl LayerError {
    /// The layer as a message begins with it; empty when there is no layer at all.
    fn layer(&self) -> String {
        let kind = self.kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
        match self.position.as_slice() {
            [] => String::new(),
            position => format!("layer {}{kind}: ", number(position)),
        }
    }

    /// The same error where the layer, of `kind`, or the one that nests it, is at `index`.
    pub(crate) fn at(mut self, index: usize, kind: &'static str) -> Self {
        self.kind.get_or_insert(kind);
        self.position.insert(0, index);
        self
    }
}

impl From<String> for LayerError {
    fn from(problem: String) -> Self {
        Self { position: Vec::new(), kind: None, problem }
    }
}

/// A position as people count: from 1, nested layers behind a dot.
pub(crate) fn number(position: &[usize]) -> String {
    let numbers: Vec<_> = position.iter().map(|index| (index + 1).to_string()).collect();
    numbers.join(".")
}

/// A layer with its shapes and costs known.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedLayer {
    /// The layer's name in a config.
    pub kind: &'static str,
    /// What comes in.
    pub input: FeatureShape,
    /// What goes out.
    pub output: FeatureShape,
    /// Trained numbers, nested layers included.
    pub parameters: usize,
    /// Multiplications with an addition for one image, nested layers included.
    pub multiply_adds: usize,
    /// Numbers that exist at the same time while the layer computes one image, besides parameters:
    /// what comes in, its padded copy, what goes out, and those of a nested layer.
    pub working: usize,
    /// Numbers of one image that training keeps until the layer's gradients are computed, nested
    /// layers included.
    pub kept: usize,
    /// The layers of a residual block.
    pub nested: Vec<PlannedLayer>,
    /// Stride of a residual block's 1×1 convolution, where its shapes differ.
    pub projection: Option<usize>,
}

impl PlannedLayer {
    /// A layer without parameters, whose multiplications are not worth counting, and whose gradients
    /// depend on what comes in.
    pub(crate) fn free(kind: &'static str, input: FeatureShape, output: FeatureShape) -> Self {
        Self {
            kind,
            input,
            output,
            parameters: 0,
            multiply_adds: 0,
            working: total([input.len(), output.len()]),
            kept: input.len(),
            nested: Vec::new(),
            projection: None,
        }
    }

    /// Refuses sizes that must be mistakes.
    pub(crate) fn checked(self) -> Result<Self, LayerError> {
        let Self { input, output, working, .. } = self;
        if working > MOST_NUMBERS {
            let [needed, limit] = [working, MOST_NUMBERS].map(|numbers| size_text(bytes(numbers)));
            return Err(format!(
                "{input} comes in and {output} goes out: with padding, that needs {needed} for one \
                 image, more than the limit of {limit}"
            )
            .into());
        }
        check_parameters(self.parameters)?;
        Ok(self)
    }
}

/// Refuses more parameters than any network may have.
pub(crate) fn check_parameters(parameters: usize) -> Result<(), String> {
    if parameters > MOST_PARAMETERS {
        return Err(format!("{parameters} parameters are more than the limit, {MOST_PARAMETERS}"));
    }
    Ok(())
}

/// `value`, which must not be 0.
pub(crate) fn positive(name: &str, value: usize) -> Result<usize, String> {
    if value == 0 { Err(format!("{name} must be at least 1")) } else { Ok(value) }
}

/// The sum, or the largest number there is: enough layers that are each just possible exceed it.
pub(crate) fn total(numbers: impl IntoIterator<Item = usize>) -> usize {
    numbers.into_iter().fold(0, usize::saturating_add)
}

/// The product, if sums of it cannot overflow soon.
pub(crate) fn product(factors: &[usize]) -> Result<usize, String> {
    factors
        .iter()
        .try_fold(1_usize, |product, &factor| product.checked_mul(factor))
        .filter(|&product| product <= usize::MAX >> 8)
        .ok_or_else(|| "is too large".to_owned())
}
