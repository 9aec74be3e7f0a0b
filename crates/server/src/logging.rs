//! Logging to stderr.

use std::io;

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::options::LogFormat;

/// The filter, unless the environment variable `RUST_LOG` sets another.
const DEFAULT_FILTER: &str = "warn,server=info";

/// Starts logging to stderr, filtered by the environment variable `RUST_LOG`. Keep the guard until the
/// program ends: dropping it writes the lines that are still buffered.
///
/// A separate thread writes, so that a stopped terminal or a full pipe does not block the server.
/// Lines that it cannot write in time are dropped.
pub fn start_logging(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = NonBlocking::new(io::stderr());
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // Fails only if logging has been started before.
    let _ = match format {
        LogFormat::Text => lines.with_ansi(false).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    guard
}
