//! An axis: its label, its scale and the unit of its values.

use super::scale::{Scale, Tick, Unit};

/// Least distance between ticks in points, on a horizontal and on a vertical axis.
const HORIZONTAL_SPACING: f32 = 52.0;
const VERTICAL_SPACING: f32 = 32.0;

/// An axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub label: String,
    pub scale: Scale,
    pub unit: Unit,
}

impl Axis {
    pub fn new(label: &str, scale: Scale, unit: Unit) -> Self {
        Self { label: label.to_owned(), scale, unit }
    }

    /// The ticks of a horizontal axis.
    pub fn horizontal_ticks(&self, width: f32) -> Vec<Tick> {
        self.scale.ticks((width / HORIZONTAL_SPACING) as usize, self.unit)
    }

    /// The ticks of a vertical axis.
    pub fn vertical_ticks(&self, height: f32) -> Vec<Tick> {
        self.scale.ticks((height / VERTICAL_SPACING) as usize, self.unit)
    }
}
