//! Every entry point for untrusted input, as one function each, for fuzzing.
//!
//! A function passes any bytes to the code that the programs use, and panics if a property that
//! must always hold does not; its "Panics" section lists these properties. `cargo fuzz` searches
//! for such bytes (`fuzz/README.md`). Those that it found, and those that covered the most code,
//! are kept in `corpus/`, which `cargo test` replays.

mod config;
mod corrections;
mod http;
mod idx;
mod label_file;
mod page;
mod picture;
mod scratch;
mod state;
mod stored_model;
mod token_file;

pub use config::{config, overrides};
pub use corrections::corrections;
pub use http::{http, kserve};
pub use idx::{gzipped_idx, idx};
pub use label_file::label_file;
pub use page::page;
pub use picture::picture;
pub use state::state;
pub use stored_model::{card, weights};
pub use token_file::token_file;

use data::ImageShape;

/// The shape of MNIST's images.
const MNIST: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
