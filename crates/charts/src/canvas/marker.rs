//! Markers: shapes of points, check marks, crosses and hatching.

use super::area::Area;
use super::color::Color;
use super::drawing::Canvas;
use super::style::LineStyle;

/// The shape of a point in a scatter plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Disc,
    Square,
    TriangleUp,
    TriangleDown,
    Diamond,
    Plus,
    Star,
}

impl Shape {
    /// Corners around the origin; empty for the disc. All shapes have about the area of a disc with
    /// radius 1.
    fn corners(self) -> Vec<[f32; 2]> {
        match self {
            Self::Disc => Vec::new(),
            Self::Square => vec![[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
            Self::TriangleUp => vec![[0.0, -1.35], [1.2, 0.8], [-1.2, 0.8]],
            Self::TriangleDown => vec![[0.0, 1.35], [-1.2, -0.8], [1.2, -0.8]],
            Self::Diamond => vec![[0.0, -1.3], [1.1, 0.0], [0.0, 1.3], [-1.1, 0.0]],
            Self::Plus => {
                let (arm, half) = (1.2, 0.42);
                vec![
                    [-half, -arm],
                    [half, -arm],
                    [half, -half],
                    [arm, -half],
                    [arm, half],
                    [half, half],
                    [half, arm],
                    [-half, arm],
                    [-half, half],
                    [-arm, half],
                    [-arm, -half],
                    [-half, -half],
                ]
            }
            Self::Star => (0..10)
                .map(|corner| {
                    let radius = if corner % 2 == 0 { 1.5 } else { 0.65 };
                    let angle = std::f32::consts::PI * (corner as f32 / 5.0 - 0.5);
                    [radius * angle.cos(), radius * angle.sin()]
                })
                .collect(),
        }
    }

    /// Draws the shape, filled.
    pub fn fill(self, canvas: &mut Canvas, center: [f32; 2], radius: f32, color: Color) {
        if self == Self::Disc {
            canvas.disc(center, radius, color);
        } else {
            canvas.polygon(&self.placed(center, radius), color);
        }
    }

    fn placed(self, [x, y]: [f32; 2], radius: f32) -> Vec<[f32; 2]> {
        self.corners().into_iter().map(|[dx, dy]| [x + radius * dx, y + radius * dy]).collect()
    }
}

/// Draws a check mark.
pub(crate) fn check(canvas: &mut Canvas, [x, y]: [f32; 2], radius: f32, color: Color) {
    let points = [[-0.9, 0.05], [-0.25, 0.7], [0.9, -0.65]];
    canvas.line(
        &points.map(|[dx, dy]| [x + radius * dx, y + radius * dy]),
        LineStyle::solid(color, radius * 0.42),
    );
}

/// Draws a cross.
pub(crate) fn cross(canvas: &mut Canvas, [x, y]: [f32; 2], radius: f32, style: LineStyle) {
    let arm = radius * 0.75;
    canvas.line(&[[x - arm, y - arm], [x + arm, y + arm]], style);
    canvas.line(&[[x - arm, y + arm], [x + arm, y - arm]], style);
}

/// Draws diagonal lines across an area, and its frame; what is below remains visible.
pub(crate) fn hatch(canvas: &mut Canvas, area: Area, color: Color) {
    const SPACING: f32 = 5.0;
    let style = LineStyle::solid(color, 1.2);
    let lines = ((area.width + area.height) / SPACING) as usize;
    for line in 1..=lines {
        // Along each line the distances from the left and from the top edge add up to the same.
        let sum = line as f32 * SPACING;
        let (right, low) = (sum.min(area.width), sum.min(area.height));
        canvas.line(
            &[[area.left + sum - low, area.top + low], [area.left + right, area.top + sum - right]],
            style,
        );
    }
    canvas.frame(area, style);
}
