//! Any picture of one handwritten digit in, a 28×28 image as MNIST has them out.
//!
//! [`decode`] turns a file's bytes into grey levels within limits; [`normalize`] takes the steps
//! from there, each of which is a function of its own: background, polarity, noise, threshold,
//! choice of the ink, crop, scale, centre. It owns MNIST's own normalization (a box of 20×20,
//! centred by mass) and knows nothing of networks.
//!
//! Nothing here panics or guesses a digit where there is no ink: a blank page is [`None`].

mod background;
mod budget;
mod centre;
mod choose;
mod cuts;
mod decode;
mod error;
mod even;
mod ink_box;
mod line;
mod luminance;
mod noise;
mod normalize;
mod normalized;
mod page;
mod paper;
mod piece;
mod polarity;
mod reduce;
mod row;
mod scale;
mod seam;
mod sheet;
mod steps;
mod stroke;
mod threshold;

pub use crate::background::estimate_background;
pub use crate::centre::{centre_by_mass, centre_of_mass};
pub use crate::choose::{Chosen, choose_ink};
pub use crate::decode::{PixelLimit, decode, decode_colours, read_bytes};
pub use crate::error::InkError;
pub use crate::even::even_ink;
pub use crate::ink_box::{InkBox, bounds_above};
pub use crate::line::{InkLine, Span, find_line};
pub use crate::luminance::luminance;
pub use crate::noise::{deviation, remove_impulses, smooth_noise};
pub use crate::normalize::{Normalized, normalize};
pub use crate::normalized::is_normalized;
pub use crate::page::{Page, normalize_ink};
pub use crate::polarity::{Polarity, find_polarity, ink_over};
pub use crate::reduce::{factor_for, reduce};
pub use crate::scale::scale_to_box;
pub use crate::sheet::{Sheet, find_sheet};
pub use crate::steps::Step;
pub use crate::stroke::{stroke_width, thicken_strokes};
pub use crate::threshold::{paper_level, threshold};
