//! Vector instructions: which of them the kernels use, and loads and stores of whole vectors.

mod instructions;
mod lanes;

pub use instructions::Instructions;
pub use instructions::{enable, enabled};
pub(crate) use lanes::{load, load_first, multiply_add, store, store_first};
