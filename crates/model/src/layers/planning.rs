//! Planning layers that come one after another.

use super::layer_type::LayerType;
use super::planned::{FeatureShape, LayerError, PlannedLayer};

/// Plans `layers` one after another; an error names the first that does not fit.
pub(crate) fn plan_layers<L: LayerType>(
    layers: &[L],
    mut input: FeatureShape,
) -> Result<Vec<PlannedLayer>, LayerError> {
    let plan = |(index, layer): (usize, &L)| {
        let planned = layer.plan(input).and_then(PlannedLayer::checked);
        let planned = planned.map_err(|error| error.at(index, layer.kind()))?;
        input = planned.output;
        Ok(planned)
    };
    layers.iter().enumerate().map(plan).collect()
}
