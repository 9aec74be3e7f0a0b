//! What clients may take, beyond what the queue and the connections' number limit.

use std::time::{Duration, Instant};

use ink::PixelLimit;

use crate::options::LimitOptions;

/// Pictures of one request at most.
pub const PICTURES: usize = 64;
/// Bytes of a request's line and headers at most.
pub const HEAD_BYTES: usize = 32 * 1024;
/// How long the server reads on after it has refused a body, so that the client sees the answer.
pub const LINGER: Duration = Duration::from_secs(2);
/// How long a connection stays after its last answer when the server ends.
pub const FAREWELL: Duration = Duration::from_secs(1);

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// Pixels of a picture.
    pub pixels: PixelLimit,
    /// From the end of the headers to the answer. As long may a connection stay without a request
    /// being worked on: between two requests, while headers come in, while an answer is not taken.
    pub timeout: Duration,
}

impl Limits {
    pub fn new(options: &LimitOptions) -> Self {
        Self {
            body: options.max_body as usize,
            pixels: PixelLimit(options.max_pixels),
            timeout: Duration::from_secs(options.timeout),
        }
    }

    /// When a request that comes now must be answered.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }
}
