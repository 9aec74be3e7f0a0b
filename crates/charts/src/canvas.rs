//! What all pictures are drawn with: a canvas, colours, type, markers and images.

pub(crate) mod color;
pub(crate) mod drawing;
pub(crate) mod font;
pub(crate) mod image_view;
pub(crate) mod marker;
pub(crate) mod palette;
pub(crate) mod picture;
pub(crate) mod theme;
