//! No input crashes Glyph: every road by which bytes from outside come in, as one function each.
//!
//! A function takes any bytes at all down the road that the programs take, and panics where
//! something happens that may never happen: that is what its "Panics" section lists, besides any
//! panic on the road itself. `cargo fuzz` looks for such bytes (`fuzz/README.md`); those that it has
//! found, and those that led it furthest, are kept in `corpus/`, and every `cargo test` sends them
//! through again.

mod config;
mod http;
mod idx;
mod page;
mod picture;
mod scratch;
mod stored_model;

pub use config::{config, overrides};
pub use http::http;
pub use idx::{gzipped_idx, idx};
pub use page::page;
pub use picture::picture;
pub use stored_model::{card, weights};

use data::ImageShape;

/// What MNIST's images are.
const MNIST: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
