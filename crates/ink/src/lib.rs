//! Any picture's bytes in, characters in MNIST's form out: 28×28 pixels, light ink on black.
//!
//! - [`decode`] decodes a file into grey levels, within limits; [`decode_over`] keeps its colours.
//! - [`Page`] separates ink from paper: noise, background, polarity, binarization.
//! - [`normalize`] finds the digit on a page and brings it into MNIST's form: a box of 20×20
//!   pixels, centred by mass.
//! - [`find_lines`] finds the lines of digits, the marks between the digits, and segments each line
//!   into candidates for digits.
//! - [`find_sheet`] crops a sheet of paper that lies on a darker or lighter surface.
//!
//! The crate does not depend on any network. It never panics on input, and it returns [`None`]
//! for a blank page.

mod bounding_box;
mod components;
mod decode;
mod digit;
mod line;
mod page;
mod sheet;
mod step;

pub use crate::bounding_box::{BoundingBox, bounds_above};
pub use crate::decode::{
    InkError, PICTURE_EXTENSIONS, PictureHeader, PixelLimit, decode, decode_as, decode_over,
    has_picture_extension, luminance, read_bytes, read_header,
};
pub use crate::digit::{
    DigitMask, Normalized, centre_by_mass, centre_of_mass, is_normalized, normalize, scale_to_box,
    select_digit, stretch_contrast, stroke_width, thicken_strokes, to_mnist_form,
};
pub use crate::line::{Candidate, Ignored, InkLine, InkPage, Mark, MarkKind, find_lines};
pub use crate::page::{
    Page, Polarity, binarize, downscale, downscale_factor, estimate_background, find_polarity,
    noise_deviation, noise_floor, remove_impulses, smooth_noise, subtract_background,
};
pub use crate::sheet::{Sheet, find_sheet};
pub use crate::step::Step;
