//! An HTTP server for models: an API that answers requests with pictures, and a page for drawing.
//!
//! A program parses [`ServeOptions`], resolves the models and opens the device, calls
//! [`start_logging`] and [`Server::start`], prints [`Server::url`] and calls [`Server::run`]. The
//! library prints nothing; its log goes to stderr.

mod api;
mod in_process;
mod inference;
mod ip_network;
mod logging;
mod metrics;
mod middleware;
mod net;
mod options;
mod page;
mod problem;
mod reload;
mod router;
mod serve;
mod state;
mod tokens;

pub use in_process::InProcessServer;
pub use inference::model_name::ModelNameError;
pub use logging::{LogLevel, start_logging};
pub use options::{LogFormat, ServeOptions};
pub use serve::Server;
pub use tokens::token_file::{TokenFileError, TokenLineError, Tokens};
pub use tokens::token_store::TokenStoreError;
