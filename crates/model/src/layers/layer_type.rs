//! What every layer type implements: [`LayerType`] for its config, [`LayerModule`] for its Burn
//! module.

use burn::tensor::Device;
use kernels::{Epilogue, Pipeline};

use super::features::Features;
use super::planned::{FeatureShape, LayerError, PlannedLayer};

/// A layer as its config describes it.
pub(crate) trait LayerType {
    /// The Burn module that computes it.
    type Module;

    /// The layer's name in a config.
    fn kind(&self) -> &'static str;

    /// Checks the layer against its input, and infers its output shape and costs.
    ///
    /// # Errors
    /// When a value makes no sense or the layer cannot take `input`; the caller adds the layer's
    /// position and kind.
    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError>;

    /// Levels of layers nested in this one.
    fn depth(&self) -> usize {
        0
    }

    /// Builds the module, its weights drawn from the device's random numbers, for `planned`, which
    /// [`Self::plan`] has returned.
    fn init(&self, planned: &PlannedLayer, device: &Device) -> Self::Module;
}

/// A layer as a Burn module.
pub(crate) trait LayerModule {
    /// Computes the layer, then `epilogue`, of which only the operations that it
    /// [fuses](Self::fuses) are ever set.
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features;

    /// Whether this layer can compute `next`, when it comes directly behind, in the same pass.
    fn fuses(&self, _next: Fusible) -> bool {
        false
    }

    /// What this layer is to a layer before it that fuses such operations.
    fn fusible(&self) -> Option<Fusible> {
        None
    }

    /// Whether this layer takes a map as it takes the row that [flattening](Self::only_flattens)
    /// makes of it.
    fn flattens_input(&self) -> bool {
        false
    }

    /// Whether all this layer does is to flatten a map into a row.
    fn only_flattens(&self) -> bool {
        false
    }

    /// The layer in inference as a factor and a summand for every channel; `None` where it is
    /// anything else.
    fn affine(&self) -> Option<Affine> {
        None
    }

    /// Whether [`Self::add_to_pipeline`] can scale and shift its output by changing its weights.
    fn folds_affine(&self) -> bool {
        false
    }

    /// Adds the layer, then `folded` (only where it [folds](Self::folds_affine) such layers), then
    /// `epilogue`, to the fast pipeline for inference.
    fn add_to_pipeline(&self, pipeline: &mut Pipeline, folded: Option<&Affine>, epilogue: Epilogue);
}

/// An operation that the layer before it can compute in the same pass, while its results are in
/// registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fusible {
    /// max(x, 0).
    Relu,
    /// The largest of every 2×2 window.
    Pool,
}

/// A factor and a summand for every channel.
pub(crate) struct Affine {
    pub(crate) factors: Vec<f32>,
    pub(crate) summands: Vec<f32>,
}
