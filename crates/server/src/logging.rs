//! Logging to stderr.

use std::io;

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::options::LogFormat;

/// How much to log, unless the environment variable `RUST_LOG` says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Warnings and errors.
    Warn,
    /// A line per request as well.
    #[default]
    Info,
    /// Details as well.
    Debug,
}

impl LogLevel {
    fn filter(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Info => "warn,server=info",
            Self::Debug => "info,server=debug",
        }
    }
}

/// Starts logging to stderr, filtered by `level` or the environment variable `RUST_LOG`. Keep the guard until the
/// program ends: dropping it writes the lines that are still buffered.
///
/// A separate thread writes, so that a stopped terminal or a full pipe does not block the server.
/// Lines that it cannot write in time are dropped.
pub fn start_logging(format: LogFormat, level: LogLevel) -> WorkerGuard {
    let (writer, guard) = NonBlocking::new(io::stderr());
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level.filter()));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // Fails only if logging has been started before.
    let _ = match format {
        LogFormat::Text => lines.with_ansi(false).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    guard
}
