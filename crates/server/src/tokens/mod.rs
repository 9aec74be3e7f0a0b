//! The tokens of clients: a file of them, and limits for each.

pub mod token_file;
pub mod token_limits;
pub mod token_store;
