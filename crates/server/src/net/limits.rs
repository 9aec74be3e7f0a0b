//! Limits on what a client may use. The queue and the number of connections have limits elsewhere.

use std::time::{Duration, Instant};

use ink::PixelLimit;

use crate::options::LimitOptions;

/// Maximum number of pictures in one request.
pub const MAX_PICTURES: usize = 64;
/// Maximum size of a request line and its headers, in bytes.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;
/// How long the server keeps reading after it has rejected a body, so that the client gets the response.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection may stay idle after its last response once the server is shutting down.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

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

impl Limits {
    /// The limits that the command line sets.
    pub fn new(options: &LimitOptions) -> Self {
        Self {
            body: options.max_body as usize,
            pixels: PixelLimit(options.max_pixels),
            timeout: Duration::from_secs(options.timeout),
        }
    }

    /// The time by which a request that arrives now must be answered.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }
}
