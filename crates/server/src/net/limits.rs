//! Limits on what a client may use. The queue and the number of connections have limits elsewhere.

use std::time::{Duration, Instant};

use ink::PixelLimit;

use crate::options::{LimitOptions, ServeOptions};

/// Maximum number of pictures in one request.
pub const MAX_PICTURES: usize = 64;
/// Maximum size of a request line and its headers, in bytes.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;
/// How long the server keeps reading after it has rejected a body, so that the client gets the response.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection may stay idle after its last response once the server is shutting down.
pub const IDLE_SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// A body may arrive at any rate for this long (Kestrel has the same grace period).
pub const BODY_GRACE: Duration = Duration::from_secs(5);
/// After that, as many bytes per second must have arrived on average as the slowest modem sends.
pub const MIN_BODY_RATE: u32 = 1_000;

/// Limits on connections.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Maximum number of open connections, besides those reserved for health checks.
    pub max_connections: u32,
    /// How long a connection may be idle.
    pub idle_timeout: Duration,
    /// How long requests in progress may take at shutdown.
    pub shutdown_grace: Duration,
}

/// Limits on one request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum size of a body, in bytes.
    pub body: usize,
    /// Maximum number of pixels in a picture.
    pub pixels: PixelLimit,
    /// Maximum time from the end of the headers to the response. A connection with no request in
    /// progress is closed after the same time: between two requests, while headers arrive, and while
    /// the client does not read its response.
    pub timeout: Duration,
}

impl ConnectionLimits {
    /// The limits that the command line sets.
    pub fn new(options: &ServeOptions) -> Self {
        Self {
            max_connections: options.limits.max_connections,
            idle_timeout: Duration::from_secs(options.limits.timeout),
            shutdown_grace: Duration::from_secs(options.shutdown.shutdown_grace),
        }
    }
}

impl Limits {
    /// The limits that the command line sets.
    pub fn new(options: &LimitOptions) -> Self {
        Self {
            body: options.max_body as usize,
            pixels: PixelLimit(options.max_pixels),
            timeout: Duration::from_secs(options.timeout),
        }
    }

    /// The time by which more of a body must have arrived that began at `start`, after `received`
    /// bytes.
    pub fn body_deadline(start: Instant, received: usize) -> Instant {
        start + BODY_GRACE + Duration::from_secs(received as u64) / MIN_BODY_RATE
    }

    /// Maximum number of pixels that wait in all: two forms of the largest pictures.
    pub fn queued_pixels(&self) -> u64 {
        self.pixels.0.saturating_mul(2 * MAX_PICTURES as u64)
    }

    /// The time by which a request that arrives now must be answered.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }
}
