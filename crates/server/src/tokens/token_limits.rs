//! The limits of one token: requests per second, and requests at the same time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::options::TokenOptions;

/// The limits that the command line sets; `None` means no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenLimits {
    /// Requests per second, at least 1. As many may arrive at once.
    pub rate: Option<u32>,
    /// Requests in progress at the same time, at least 1.
    pub concurrency: Option<u32>,
}

/// What one token has used of its limits.
#[derive(Debug)]
pub struct TokenUsage {
    rate: Option<Mutex<TokenBucket>>,
    concurrency: Option<Arc<Semaphore>>,
}

/// A token bucket: it holds at most one second's requests, and refills evenly.
#[derive(Debug)]
struct TokenBucket {
    /// Requests per second, and the most that the bucket holds.
    rate: f64,
    available: f64,
    filled_at: Instant,
}

/// A request within the limits; it counts as in progress until dropped.
#[derive(Debug)]
pub struct RequestGuard {
    _permit: Option<OwnedSemaphorePermit>,
}

/// Which limit a request exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceededLimit {
    /// Requests per second, and how long until the next one is within the limit.
    Rate(Duration),
    /// Requests at the same time.
    Concurrency,
}

impl TokenLimits {
    /// The limits that the command line sets.
    pub fn new(options: &TokenOptions) -> Self {
        Self { rate: options.token_rate, concurrency: options.token_concurrency }
    }
}

impl TokenUsage {
    /// Nothing used yet.
    pub fn new(limits: TokenLimits) -> Self {
        Self {
            rate: limits.rate.map(|rate| Mutex::new(TokenBucket::new(rate))),
            concurrency: limits.concurrency.map(|most| Arc::new(Semaphore::new(most as usize))),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// The limit that it exceeds.
    pub fn begin_request(&self) -> Result<RequestGuard, ExceededLimit> {
        // First, so that a request that is refused for this reason uses nothing of the rate.
        let permit = match &self.concurrency {
            Some(permits) => Some(
                Arc::clone(permits).try_acquire_owned().map_err(|_| ExceededLimit::Concurrency)?,
            ),
            None => None,
        };
        if let Some(bucket) = &self.rate {
            let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
            bucket.take(Instant::now()).map_err(ExceededLimit::Rate)?;
        }
        Ok(RequestGuard { _permit: permit })
    }
}

impl TokenBucket {
    fn new(rate: u32) -> Self {
        Self { rate: rate.into(), available: rate.into(), filled_at: Instant::now() }
    }

    /// Takes one request, or says how long to wait for it.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.available = passed.mul_add(self.rate, self.available).min(self.rate);
        self.filled_at = now;
        if self.available >= 1.0 {
            self.available -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.available) / self.rate))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_allows_a_seconds_requests_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = TokenBucket { rate: 4.0, available: 4.0, filled_at: start };
        for _ in 0..4 {
            bucket.take(start).unwrap();
        }
        assert_eq!(bucket.take(start).unwrap_err(), Duration::from_millis(250));
        let later = start + Duration::from_millis(250);
        bucket.take(later).unwrap();
        bucket.take(later).unwrap_err();
        let much_later = start + Duration::from_hours(1);
        let served = (0..100).filter(|_| bucket.take(much_later).is_ok()).count();
        assert_eq!(served, 4);
    }

    #[test]
    fn requests_in_progress_are_counted_until_they_end() {
        let usage = TokenUsage::new(TokenLimits { rate: None, concurrency: Some(2) });
        let first = usage.begin_request().unwrap();
        let _second = usage.begin_request().unwrap();
        assert_eq!(usage.begin_request().unwrap_err(), ExceededLimit::Concurrency);
        drop(first);
        usage.begin_request().unwrap();
    }

    #[test]
    fn without_limits_everything_is_allowed() {
        let usage = TokenUsage::new(TokenLimits::default());
        let guards: Vec<_> = (0..1_000).map(|_| usage.begin_request()).collect();
        assert!(guards.iter().all(Result::is_ok));
    }
}
