//! Vector instructions: which of them the kernels use, and loads and stores of whole vectors.

mod choice;
mod instructions;
mod lanes;

pub use choice::{use_on_this_thread, used_on_this_thread};
pub use instructions::Instructions;
pub(crate) use lanes::{load, load_first, multiply_add, store, store_first};
