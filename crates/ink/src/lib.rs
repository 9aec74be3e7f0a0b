//! Any picture's bytes in, characters in MNIST's form out: 28×28 pixels, light ink on black.
//!
//! - [`decode`] reads a file's bytes into grey levels, within limits.
//! - [`Page`] separates the ink from the paper: background, polarity, noise, binarization.
//! - [`normalize`] finds one digit on a page and brings it into MNIST's form: a box of 20×20
//!   pixels, centred by mass.
//! - [`find_line`] finds a line of digits and every part of it that may be a digit.
//! - [`find_sheet`] cuts out a sheet of paper that lies on something else.
//!
//! The crate knows nothing of networks. It never panics on input, and it reports a blank page as
//! [`None`].

mod bounding_box;
mod components;
mod decode;
mod digit;
mod line;
mod page;
mod sheet;
mod step;

pub use crate::bounding_box::{InkBox, bounds_above};
pub use crate::decode::{InkError, PixelLimit, decode, decode_colours, luminance, read_bytes};
pub use crate::digit::{
    Chosen, Normalized, centre_by_mass, centre_of_mass, choose_ink, even_ink, is_normalized,
    normalize, normalize_ink, scale_to_box, stroke_width, thicken_strokes,
};
pub use crate::line::{InkLine, Span, find_line};
pub use crate::page::{
    Page, Polarity, deviation, estimate_background, factor_for, find_polarity, ink_over,
    paper_level, reduce, remove_impulses, smooth_noise, threshold,
};
pub use crate::sheet::{Sheet, find_sheet};
pub use crate::step::Step;
