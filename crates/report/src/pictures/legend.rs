//! What colours, shapes and dashes stand for.

use super::canvas::{Area, Canvas, LineStyle};
use super::color::Color;
use super::marker::{Shape, cross};
use super::theme::{INK, TEXT};

/// Height of a row.
pub(crate) const ROW: f32 = 21.0;
const SWATCH: f32 = 22.0;
const GAP: f32 = 8.0;

/// A sample of what is explained.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Swatch {
    Line(LineStyle),
    Marker(Shape, Color),
    Fill(Color),
    /// The mark of a wrong prediction in a scatter plot.
    Error,
}

/// A sample and what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub swatch: Swatch,
    pub label: String,
}

impl Entry {
    pub fn new(swatch: Swatch, label: impl Into<String>) -> Self {
        Self { swatch, label: label.into() }
    }
}

/// Number of columns, at most `most`, in which `entries` are readable across `width`.
pub(crate) fn columns(entries: &[Entry], width: f32, most: usize) -> usize {
    let widest = entries.iter().map(|entry| TEXT.width(&entry.label)).fold(0.0, f32::max);
    ((width / (SWATCH + GAP + widest + 16.0)) as usize).clamp(1, most)
}

/// Height of a legend.
pub(crate) fn height(entries: usize, columns: usize) -> f32 {
    entries.div_ceil(columns) as f32 * ROW
}

/// Draws `entries` column by column from the top of `area`; its height is not heeded.
pub(crate) fn draw(canvas: &mut Canvas, area: Area, columns: usize, entries: &[Entry]) {
    let rows = entries.len().div_ceil(columns);
    let width = area.width / columns as f32;
    for (index, entry) in entries.iter().enumerate() {
        let left = area.left + (index / rows) as f32 * width;
        let middle = area.top + ((index % rows) as f32 + 0.5) * ROW;
        sample(canvas, [left, middle], entry.swatch);
        let start = left + SWATCH + GAP;
        let room = width - SWATCH - 2.0 * GAP;
        let baseline = middle + TEXT.size * 0.36;
        canvas.fitted_text([start, baseline], room, &entry.label, TEXT);
    }
}

fn sample(canvas: &mut Canvas, [left, middle]: [f32; 2], swatch: Swatch) {
    let center = [left + SWATCH / 2.0, middle];
    match swatch {
        Swatch::Line(style) => canvas.line(&[[left, middle], [left + SWATCH, middle]], style),
        Swatch::Marker(shape, color) => shape.fill(canvas, center, 4.5, color),
        Swatch::Fill(color) => {
            let area = Area { left: left + 4.0, top: middle - 6.0, width: 14.0, height: 12.0 };
            canvas.fill(area, color);
        }
        Swatch::Error => cross(canvas, center, 6.5, LineStyle::solid(INK, 1.6)),
    }
}
