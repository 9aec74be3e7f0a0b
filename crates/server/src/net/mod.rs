//! Connections: accepting, limiting and closing them, and reading request bodies within limits.

pub mod acceptor;
pub mod body;
pub mod connection_table;
pub mod limits;
pub mod memory_budget;
pub mod reload_signal;
pub mod serve_connection;
pub mod shutdown_signal;
