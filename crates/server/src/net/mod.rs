//! Connections: taking them, limiting them, closing them, and reading the bodies that come in over them.

pub mod body;
pub mod budget;
pub mod connection;
pub mod limits;
pub mod listener;
pub mod shutdown;
pub mod visit;
