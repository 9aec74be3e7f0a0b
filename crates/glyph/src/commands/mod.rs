//! The commands, a file each. No command imports another.

pub mod baseline;
pub mod compare;
pub mod completions;
pub mod data;
pub mod devices;
pub mod evaluate;
pub mod init;
pub mod man;
pub mod predict;
pub mod read;
pub mod schema;
pub mod serve;
pub mod train;
