//! Colours that the colour-blind tell apart too.

use super::color::Color;
use super::marker::Shape;
use super::style::Dash;

/// Okabe and Ito's colours (Color Universal Design, 2008) that stand out as lines on white.
pub(crate) const BLUE: Color = Color::hex(0x00_72b2);
pub(crate) const VERMILLION: Color = Color::hex(0xd5_5e00);
pub(crate) const GREEN: Color = Color::hex(0x00_9e73);
pub(crate) const PURPLE: Color = Color::hex(0xaa_3377);

/// Paul Tol's "muted" scheme (Technical Note SRON/EPS/TN/09-002, 3.2), made for nine classes that
/// all kinds of colour-blindness tell apart, and a grey for the tenth.
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

/// As few as there are colours have no common divisor with 10: a pair of colour and shape comes
/// back after 70 classes, one of colour and dash after 30.
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

/// The colour of a line among others.
pub(crate) fn series_color(index: usize) -> Color {
    SERIES[index % SERIES.len()]
}

/// The dashes of a class's line.
pub(crate) fn class_dash(class: usize) -> Dash {
    DASHES[class % DASHES.len()]
}

/// The dashes of a line among others; no two of 18 have colour and dashes in common.
pub(crate) fn series_dash(index: usize) -> Dash {
    DASHES[(index + index / SERIES.len()) % DASHES.len()]
}

/// From dark blue to yellow, evenly brighter: the colour map "viridis" of matplotlib (CC0), at nine
/// places.
pub(crate) fn viridis(share: f32) -> Color {
    const PLACES: [Color; 9] = [
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
    let place = share.clamp(0.0, 1.0) * (PLACES.len() - 1) as f32;
    let below = (place as usize).min(PLACES.len() - 2);
    PLACES[below].towards(PLACES[below + 1], place - below as f32)
}
