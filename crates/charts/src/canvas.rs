//! What all pictures are drawn with: a canvas, colours, text, markers and images.

mod area;
mod color;
mod drawing;
pub(crate) mod font;
mod image_view;
pub(crate) mod marker;
pub(crate) mod palette;
pub(crate) mod picture;
mod style;
pub(crate) mod theme;

pub(crate) use self::area::Area;
pub(crate) use self::color::Color;
pub(crate) use self::drawing::Canvas;
pub(crate) use self::font::CAPITAL_HEIGHT;
pub use self::image_view::ImageView;
pub(crate) use self::picture::PIXELS_PER_POINT;
pub use self::picture::Picture;
pub(crate) use self::style::{Align, Dash, LineStyle, TextStyle};
