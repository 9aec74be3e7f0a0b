//! Connections: accepting, limiting and closing them, and reading request bodies within limits.

pub mod acceptor;
pub mod access;
pub mod admission;
pub mod body;
pub mod connection;
pub mod connection_table;
pub mod descriptor_limit;
pub mod limits;
pub mod memory_budget;
pub mod metered_body;
pub mod reload_signal;
pub mod serve_connection;
pub mod shutdown_signal;
pub mod slots;
