//! What all charts share: scales, axes with ticks, the plot area between them, and the legend.

pub(crate) mod axis;
pub(crate) mod legend;
pub(crate) mod plot;
pub(crate) mod scale;
