//! An axis: its scale, the unit of its values and what they are.

use super::scale::{Scale, Tick, Unit};

/// Points from one tick to the next, at least, along a row and along a column.
const ROW_SPACING: f32 = 52.0;
const COLUMN_SPACING: f32 = 32.0;

/// One side of a plot.
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
        self.scale.ticks((width / ROW_SPACING) as usize, self.unit)
    }

    /// The ticks of a vertical axis.
    pub fn vertical_ticks(&self, height: f32) -> Vec<Tick> {
        self.scale.ticks((height / COLUMN_SPACING) as usize, self.unit)
    }
}
