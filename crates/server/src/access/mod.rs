//! Who may send requests, and how many: bearer tokens from a file, with limits for each.

pub mod token_file;
pub mod token_limits;
pub mod token_store;
