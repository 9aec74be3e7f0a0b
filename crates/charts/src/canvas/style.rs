//! Styles of lines and text.

use tiny_skia::{LineCap, LineJoin, Stroke, StrokeDash};

use super::color::Color;
use super::font::{self, Weight};

/// The dash pattern of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
    Dotted,
}

/// Colour, width in points and dash pattern of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LineStyle {
    pub color: Color,
    pub width: f32,
    pub dash: Dash,
}

impl LineStyle {
    pub fn solid(color: Color, width: f32) -> Self {
        Self { color, width, dash: Dash::Solid }
    }

    pub(super) fn stroke(self) -> Stroke {
        let pattern = match self.dash {
            Dash::Solid => None,
            Dash::Dashed => Some(vec![6.0, 4.0]),
            Dash::Dotted => Some(vec![1.5, 3.0]),
        };
        Stroke {
            width: self.width,
            line_join: LineJoin::Round,
            line_cap: LineCap::Butt,
            dash: pattern.and_then(|pattern| StrokeDash::new(pattern, 0.0)),
            ..Stroke::default()
        }
    }
}

/// Which part of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Middle,
    End,
}

/// Size in points, weight, colour, alignment and rotation of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TextStyle {
    pub size: f32,
    pub weight: Weight,
    pub color: Color,
    pub align: Align,
    /// Clockwise rotation about the text's place, in degrees.
    pub angle: f32,
}

impl TextStyle {
    pub fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    pub fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }

    pub fn bold(self) -> Self {
        Self { weight: Weight::SemiBold, ..self }
    }

    pub fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    /// Width of a text in points.
    pub fn width(self, text: &str) -> f32 {
        font::width(text, self.size, self.weight)
    }

    /// Width of the widest of the texts.
    pub fn widest<S: AsRef<str>>(self, texts: &[S]) -> f32 {
        texts.iter().map(|text| self.width(text.as_ref())).fold(0.0, f32::max)
    }
}
