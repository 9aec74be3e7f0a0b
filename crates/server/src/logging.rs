//! Logging to stderr.

use std::io;

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::options::LogFormat;

/// The filter, unless the environment variable `RUST_LOG` sets another.
const DEFAULT_FILTER: &str = "warn,server=info";

/// Starts logging; what is still to be written is, when the guard is dropped.
///
/// A thread of its own writes: a terminal that is stopped, or a full pipe, must not stop those that
/// serve. Lines that it cannot take are dropped.
pub fn start(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = NonBlocking::new(io::stderr());
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // Fails only where a log is already set up; there is one call.
    let _ = match format {
        LogFormat::Text => lines.with_ansi(false).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    guard
}
