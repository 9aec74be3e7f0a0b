//! The legend of a chart.

use crate::canvas::marker::{Shape, cross, hatch};
use crate::canvas::theme::{INK, TEXT};
use crate::canvas::{Area, CAPITAL_HEIGHT, Canvas, Color, LineStyle};

/// Height of a row in points.
pub(crate) const ROW: f32 = 21.0;
const SWATCH: f32 = 22.0;
const GAP: f32 = 8.0;
const BETWEEN: f32 = 26.0;

/// The symbol of a legend entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Swatch {
    Line(LineStyle),
    Marker(Shape, Color),
    Fill(Color),
    Hatch(Color),
    /// The mark of a wrong prediction in a scatter plot.
    Error,
}

/// A symbol and its meaning.
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

/// A legend with its layout.
pub(crate) struct Legend {
    entries: Vec<Entry>,
    /// Width of each column in points.
    columns: Vec<f32>,
}

impl Legend {
    /// Arranges `entries` in as many columns as fit into `width`, at most `most`.
    pub fn new(entries: Vec<Entry>, width: f32, most: usize) -> Self {
        let candidates = (1..=most).rev().map(|columns| column_widths(&entries, columns));
        let fitting = candidates.into_iter().find(|columns| columns.iter().sum::<f32>() <= width);
        Self { columns: fitting.unwrap_or_else(|| vec![width]), entries }
    }

    fn rows(&self) -> usize {
        self.entries.len().div_ceil(self.columns.len())
    }

    /// Height in points.
    pub fn height(&self) -> f32 {
        self.rows() as f32 * ROW
    }

    /// Draws the entries column by column.
    pub fn draw(&self, canvas: &mut Canvas, [left, top]: [f32; 2]) {
        let mut left = left;
        for (entries, width) in self.entries.chunks(self.rows()).zip(&self.columns) {
            for (row, entry) in entries.iter().enumerate() {
                let middle = top + (row as f32 + 0.5) * ROW;
                draw_swatch(canvas, [left, middle], entry.swatch);
                let place = [left + SWATCH + GAP, middle + TEXT.size * CAPITAL_HEIGHT / 2.0];
                canvas.fitted_text(place, width - SWATCH - GAP, &entry.label, TEXT);
            }
            left += width;
        }
    }
}

/// Width of each of `columns` columns: that of its widest entry and the space to the next column.
fn column_widths(entries: &[Entry], columns: usize) -> Vec<f32> {
    let rows = entries.len().div_ceil(columns).max(1);
    let widest = |entries: &[Entry]| {
        let labels = entries.iter().map(|entry| TEXT.width(&entry.label));
        SWATCH + GAP + labels.fold(0.0, f32::max) + BETWEEN
    };
    entries.chunks(rows).map(widest).collect()
}

fn draw_swatch(canvas: &mut Canvas, [left, middle]: [f32; 2], swatch: Swatch) {
    let center = [left + SWATCH / 2.0, middle];
    let area = Area { left: left + 4.0, top: middle - 6.0, width: 14.0, height: 12.0 };
    match swatch {
        Swatch::Line(style) => canvas.line(&[[left, middle], [left + SWATCH, middle]], style),
        Swatch::Marker(shape, color) => shape.fill(canvas, center, 4.5, color),
        Swatch::Fill(color) => canvas.fill(area, color),
        Swatch::Hatch(color) => hatch(canvas, area, color),
        Swatch::Error => cross(canvas, center, 6.5, LineStyle::solid(INK, 1.6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legend(count: usize, label: &str, width: f32) -> Legend {
        let entry = || Entry::new(Swatch::Error, label);
        Legend::new((0..count).map(|_| entry()).collect(), width, 3)
    }

    #[test]
    fn entries_share_rows_if_they_fit() {
        assert!((legend(4, "short", 600.0).height() - 2.0 * ROW).abs() < 0.1);
        assert!((legend(4, "short", 150.0).height() - 4.0 * ROW).abs() < 0.1);
        assert!((legend(2, &"long ".repeat(99), 600.0).height() - 2.0 * ROW).abs() < 0.1);
    }
}
