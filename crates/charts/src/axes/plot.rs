//! The plot area between two axes: draws the axes, and maps values to points on the canvas.

use super::axis::Axis;
use super::scale::Scale;
use crate::canvas::theme::{GRID, LINE, MUTED, SMALL, TEXT};
use crate::canvas::{Align, Area, Canvas, LineStyle};

/// Space for tick labels to the left of a plot.
pub(crate) const LEFT: f32 = 52.0;
/// Space for tick labels and the axis label below a plot.
pub(crate) const BELOW: f32 = 44.0;
/// Space for the label of the vertical axis above a plot.
pub(crate) const ABOVE: f32 = 18.0;

/// The plot area of a chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plot {
    pub area: Area,
    x: Scale,
    y: Scale,
}

impl Plot {
    /// Draws the grid lines, ticks and labels of both axes around `area`.
    pub fn draw(canvas: &mut Canvas, area: Area, x: &Axis, y: &Axis) -> Self {
        let plot = Self { area, x: x.scale, y: y.scale };
        plot.draw_columns(canvas, x);
        for tick in y.vertical_ticks(area.height) {
            let down = plot.down(tick.value);
            canvas.line(&[[area.left, down], [area.right(), down]], LineStyle::solid(GRID, 1.0));
            let place = [area.left - 7.0, down];
            canvas.centered_text(place, &tick.label, SMALL.aligned(Align::End));
        }
        let edge = [[area.left, area.bottom()], [area.right(), area.bottom()]];
        canvas.line(&edge, LineStyle::solid(LINE, 1.2));
        plot.draw_side(canvas);
        canvas.text([area.left, area.top - 8.0], &y.label, TEXT.colored(MUTED));
        plot
    }

    /// Draws only the horizontal axis; the vertical one runs from 0 to 1 and is not drawn.
    pub fn draw_horizontal_axis(canvas: &mut Canvas, area: Area, x: &Axis) -> Self {
        let plot = Self { area, x: x.scale, y: Scale::linear(0.0, 1.0) };
        plot.draw_columns(canvas, x);
        plot.draw_side(canvas);
        plot
    }

    fn draw_columns(&self, canvas: &mut Canvas, axis: &Axis) {
        let area = self.area;
        for tick in axis.horizontal_ticks(area.width) {
            let across = self.across(tick.value);
            let points = [[across, area.top], [across, area.bottom()]];
            canvas.line(&points, LineStyle::solid(GRID, 1.0));
            let place = [across, area.bottom() + 16.0];
            canvas.text(place, &tick.label, SMALL.aligned(Align::Middle));
        }
        let place = [area.left + area.width / 2.0, area.bottom() + 35.0];
        canvas.text(place, &axis.label, TEXT.colored(MUTED).aligned(Align::Middle));
    }

    fn draw_side(&self, canvas: &mut Canvas) {
        let area = self.area;
        let points = [[area.left, area.top], [area.left, area.bottom()]];
        canvas.line(&points, LineStyle::solid(LINE, 1.2));
    }

    /// The point of a pair of values.
    pub fn at(&self, x: f64, y: f64) -> [f32; 2] {
        [self.across(x), self.down(y)]
    }

    /// The horizontal coordinate of a value.
    pub fn across(&self, x: f64) -> f32 {
        self.area.left + self.x.position(x) * self.area.width
    }

    /// The vertical coordinate of a value.
    pub fn down(&self, y: f64) -> f32 {
        self.area.bottom() - self.y.position(y) * self.area.height
    }

    /// Draws a line through `points`, interrupted where a coordinate is not finite.
    pub fn line(
        &self,
        canvas: &mut Canvas,
        points: impl IntoIterator<Item = [f64; 2]>,
        style: LineStyle,
    ) {
        let mut piece = Vec::new();
        for [x, y] in points {
            if x.is_finite() && y.is_finite() {
                piece.push(self.at(x, y));
            } else {
                canvas.line(&piece, style);
                piece.clear();
            }
        }
        canvas.line(&piece, style);
    }
}
