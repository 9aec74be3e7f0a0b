//! The theme of all pictures: sizes in points, colours of text and lines.

use super::color::Color;
use super::drawing::Canvas;
use super::font::Weight;
use super::style::{Align, TextStyle};
use crate::error::PictureError;

/// Width of most pictures.
pub(crate) const WIDTH: f32 = 800.0;
/// Space between the edge and the contents.
pub(crate) const MARGIN: f32 = 24.0;
/// Top of the contents, below title and subtitle.
pub(crate) const TOP: f32 = 76.0;

pub(crate) const PAPER: Color = Color::hex(0xff_ffff);
pub(crate) const INK: Color = Color::hex(0x1b_2530);
pub(crate) const MUTED: Color = Color::hex(0x58_6574);
pub(crate) const LINE: Color = Color::hex(0xa8_b2bd);
pub(crate) const GRID: Color = Color::hex(0xe3_e8ed);
pub(crate) const SHADE: Color = Color::hex(0xf4_f6f8);

/// Text of labels and legends.
pub(crate) const TEXT: TextStyle =
    TextStyle { size: 13.0, weight: Weight::Regular, color: INK, align: Align::Start, angle: 0.0 };
/// Text of ticks and captions.
pub(crate) const SMALL: TextStyle = TextStyle { size: 12.0, color: MUTED, ..TEXT };

/// An empty picture with a title and a line below it.
pub(crate) fn titled(
    width: f32,
    height: f32,
    title: &str,
    subtitle: &str,
) -> Result<Canvas, PictureError> {
    let mut canvas = Canvas::new(width, height, PAPER)?;
    let style = TextStyle { size: 19.0, weight: Weight::SemiBold, ..TEXT };
    let room = width - 2.0 * MARGIN;
    canvas.fitted_text([MARGIN, 36.0], room, title, style);
    canvas.fitted_text([MARGIN, 57.0], room, subtitle, TextStyle { color: MUTED, ..TEXT });
    Ok(canvas)
}
