//! Palettes that people with colour-vision deficiency can distinguish.

use super::color::Color;
use super::marker::Shape;
use super::style::Dash;

/// Colours of Okabe and Ito (Color Universal Design, 2008) with enough contrast for lines on white.
pub(crate) const BLUE: Color = Color::hex(0x00_72b2);
pub(crate) const VERMILLION: Color = Color::hex(0xd5_5e00);
pub(crate) const GREEN: Color = Color::hex(0x00_9e73);
pub(crate) const PURPLE: Color = Color::hex(0xaa_3377);

/// Paul Tol's "muted" scheme (Technical Note SRON/EPS/TN/09-002, 3.2), nine colours that
/// people with any colour-vision deficiency can distinguish, and grey for the tenth class.
const CLASSES: [Color; 10] = [
    Color::hex(0x33_2288),
    Color::hex(0xcc_6677),
    Color::hex(0x11_7733),
    Color::hex(0xdd_aa33),
    Color::hex(0x5b_b5e0),
    Color::hex(0x88_2255),
    Color::hex(0x44_aa99),
    Color::hex(0x99_9933),
    Color::hex(0xaa_4499),
    Color::hex(0x55_5555),
];

const SERIES: [Color; 6] =
    [BLUE, VERMILLION, GREEN, PURPLE, Color::hex(0xe6_9f00), Color::hex(0x33_3333)];

/// The numbers of shapes and dashes have no common divisor with the 10 colours, so that pairs of colour
/// and shape repeat after 70 classes, and pairs of colour and dash after 30.
const SHAPES: [Shape; 7] = [
    Shape::Disc,
    Shape::Square,
    Shape::TriangleUp,
    Shape::Diamond,
    Shape::TriangleDown,
    Shape::Plus,
    Shape::Star,
];
const DASHES: [Dash; 3] = [Dash::Solid, Dash::Dashed, Dash::Dotted];

/// The colour of a class.
pub(crate) fn class_color(class: usize) -> Color {
    CLASSES[class % CLASSES.len()]
}

/// The shape that marks a class in a scatter plot.
pub(crate) fn class_shape(class: usize) -> Shape {
    SHAPES[class % SHAPES.len()]
}

/// The colour of the line with this index.
pub(crate) fn series_color(index: usize) -> Color {
    SERIES[index % SERIES.len()]
}

/// The dash pattern of a class's line.
pub(crate) fn class_dash(class: usize) -> Dash {
    DASHES[class % DASHES.len()]
}

/// The dash pattern of the line with this index; 18 lines have different pairs of colour and pattern.
pub(crate) fn series_dash(index: usize) -> Dash {
    DASHES[(index + index / SERIES.len()) % DASHES.len()]
}

/// Matplotlib's colour map "viridis" (CC0), from dark blue to yellow with uniformly rising brightness,
/// interpolated between nine of its colours.
pub(crate) fn viridis(share: f32) -> Color {
    const COLORS: [Color; 9] = [
        Color::hex(0x44_0154),
        Color::hex(0x47_2d7b),
        Color::hex(0x3b_528b),
        Color::hex(0x2c_728e),
        Color::hex(0x21_918c),
        Color::hex(0x28_ae80),
        Color::hex(0x5e_c962),
        Color::hex(0xad_dc30),
        Color::hex(0xfd_e725),
    ];
    let position = share.clamp(0.0, 1.0) * (COLORS.len() - 1) as f32;
    let below = (position as usize).min(COLORS.len() - 2);
    COLORS[below].towards(COLORS[below + 1], position - below as f32)
}
