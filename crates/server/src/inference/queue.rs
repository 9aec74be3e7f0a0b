//! Limits how many pictures, and how many pixels, wait for their answers.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::timeout_at;

use crate::inference::preparation_pool::MAX_SMALL_PIXELS;
use crate::problem::Problem;

/// Pixels are counted in this unit, rounded up.
const PIXEL_UNIT: u64 = 1024;
/// How long a large request waits for room. A client that is refused at once sends its megabytes again
/// at once, and reading them takes the processors from all others. Few large requests can wait, because
/// the memory for bodies is limited.
const LARGE_REQUEST_WAIT: Duration = Duration::from_secs(2);

/// Room for pictures, which hold their part of it from their arrival until they are answered.
#[derive(Debug)]
pub struct Queue {
    pictures: Room,
    pixels: Room,
    released: Arc<Notify>,
}

/// What one request's pictures hold; released when dropped.
#[derive(Debug)]
pub struct QueuePermit {
    _pictures: OwnedSemaphorePermit,
    _pixels: OwnedSemaphorePermit,
    // Dropped last: what it wakes must find the room.
    _notice: ReleaseNotice,
}

/// Tells those who wait for room that there is more, when dropped.
#[derive(Debug)]
struct ReleaseNotice(Arc<Notify>);

impl Drop for ReleaseNotice {
    fn drop(&mut self) {
        self.0.notify_waiters();
    }
}

/// A bounded number of permits.
#[derive(Debug)]
struct Room {
    permits: Arc<Semaphore>,
    capacity: u32,
}

impl Queue {
    /// A queue for at most this many pictures, with this many pixels in all.
    pub fn new(pictures: u32, pixels: u64) -> Self {
        Self {
            pictures: Room::new(pictures),
            pixels: Room::new(pixel_units(pixels)),
            released: Arc::default(),
        }
    }

    /// Acquires room as [`Self::try_acquire`] does; a request with several pictures, or a large one,
    /// waits a moment for it, but not after `deadline`.
    ///
    /// # Errors
    ///
    /// 503 if there is no room, or the queue is closed.
    pub async fn acquire(
        &self,
        pictures: usize,
        pixels: u64,
        deadline: Instant,
    ) -> Result<QueuePermit, Problem> {
        if pictures <= 1 && pixels <= MAX_SMALL_PIXELS {
            return self.try_acquire(pictures, pixels);
        }
        let until = deadline.min(Instant::now() + LARGE_REQUEST_WAIT);
        loop {
            let mut released = pin!(self.released.notified());
            // Listens from now on: room that is released while it tries is not missed.
            released.as_mut().enable();
            match self.try_acquire(pictures, pixels) {
                Err(problem) if self.is_closed() => return Err(problem),
                Err(problem) => {
                    timeout_at(until.into(), released).await.map_err(|_| problem)?;
                }
                permit => return permit,
            }
        }
    }

    /// Acquires room for `pictures` that have `pixels` in all.
    ///
    /// # Errors
    ///
    /// 503 at once if the request needs more than half of the room that is free, or the queue is
    /// closed.
    fn try_acquire(&self, pictures: usize, pixels: u64) -> Result<QueuePermit, Problem> {
        let pictures = u32::try_from(pictures).unwrap_or(u32::MAX);
        Ok(QueuePermit {
            _pictures: self.pictures.try_acquire(pictures, "pictures")?,
            _pixels: self.pixels.try_acquire(pixel_units(pixels), "pixels")?,
            _notice: ReleaseNotice(Arc::clone(&self.released)),
        })
    }

    /// Rejects new pictures; those that hold a permit keep it.
    pub fn close(&self) {
        self.pictures.permits.close();
        self.released.notify_waiters();
    }

    /// Whether new pictures are rejected.
    pub fn is_closed(&self) -> bool {
        self.pictures.permits.is_closed()
    }

    /// Number of pictures that wait.
    pub fn depth(&self) -> usize {
        self.pictures.capacity as usize - self.pictures.permits.available_permits()
    }
}

impl Room {
    fn new(capacity: u32) -> Self {
        Self { permits: Arc::new(Semaphore::new(capacity as usize)), capacity }
    }

    /// A request may take half of what is free, so that there is always room for a smaller one, and
    /// counts for at most half of the capacity, so that any can be served alone. This is the
    /// dynamic threshold of shared buffers (Choudhury and Hahne 1998, doi:10.1109/90.664262) with
    /// the factor 1.
    fn try_acquire(&self, wanted: u32, what: &str) -> Result<OwnedSemaphorePermit, Problem> {
        let wanted = wanted.min(self.capacity / 2).max(1);
        let free = self.permits.available_permits();
        if wanted > 1 && wanted as usize > free / 2 && !self.permits.is_closed() {
            return Err(full(what));
        }
        Arc::clone(&self.permits).try_acquire_many_owned(wanted).map_err(|error| match error {
            TryAcquireError::NoPermits => full(what),
            TryAcquireError::Closed => Problem::busy("the server is shutting down"),
        })
    }
}

fn full(what: &str) -> Problem {
    Problem::busy(format!("too many {what} are waiting: send fewer at a time, or try again soon"))
}

fn pixel_units(pixels: u64) -> u32 {
    // Far more than can be decoded in time, and a number of permits that a semaphore can have.
    u32::try_from(pixels.div_ceil(PIXEL_UNIT)).unwrap_or(u32::MAX).min(u32::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGAPIXEL: u64 = 1 << 20;

    #[test]
    fn a_full_queue_rejects_at_once() {
        let queue = Queue::new(2, MEGAPIXEL);
        let permits = [queue.try_acquire(1, 1).unwrap(), queue.try_acquire(1, 1).unwrap()];
        assert!(queue.try_acquire(1, 1).unwrap_err().detail.contains("too many pictures"));
        assert_eq!(queue.depth(), 2);
        drop(permits);
        assert!(queue.try_acquire(2, 1).is_ok());
    }

    #[test]
    fn large_requests_leave_room_for_small_ones() {
        let queue = Queue::new(256, 100 * MEGAPIXEL);
        let forms: Vec<_> = (0..8).map_while(|_| queue.try_acquire(64, 1).ok()).collect();
        assert_eq!(forms.len(), 3);
        assert!(queue.try_acquire(1, MEGAPIXEL).is_ok());
        drop(forms);
        let huge = queue.try_acquire(4, 60 * MEGAPIXEL).unwrap();
        assert!(queue.try_acquire(4, 60 * MEGAPIXEL).unwrap_err().detail.contains("pixels"));
        assert!(queue.try_acquire(1, MEGAPIXEL).is_ok());
        drop(huge);
        assert_eq!(queue.depth(), 0);
    }

    #[test]
    fn a_request_larger_than_the_queue_is_served() {
        let queue = Queue::new(2, MEGAPIXEL);
        let all = queue.try_acquire(10, 10 * MEGAPIXEL).unwrap();
        assert!(queue.try_acquire(10, 1).is_ok());
        drop(all);
        assert_eq!(queue.depth(), 0);
    }

    const TIMEOUT: Duration = Duration::from_mins(1);

    /// A queue, and a permit for all the room in it that one request may have.
    fn taken() -> (Arc<Queue>, QueuePermit) {
        let queue = Arc::new(Queue::new(64, 100 * MEGAPIXEL));
        let permit = queue.try_acquire(1, 50 * MEGAPIXEL).unwrap();
        (queue, permit)
    }

    /// A large request that waits until the test does something.
    async fn waiting(queue: &Arc<Queue>) -> tokio::task::JoinHandle<Result<QueuePermit, Problem>> {
        let queue = Arc::clone(queue);
        let request =
            async move { queue.acquire(4, 40 * MEGAPIXEL, Instant::now() + TIMEOUT).await };
        let waiting = tokio::spawn(request);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!waiting.is_finished());
        waiting
    }

    #[tokio::test]
    async fn a_large_request_gets_the_room_that_another_releases() {
        let (queue, permit) = taken();
        let waiting = waiting(&queue).await;
        drop(permit);
        assert!(waiting.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_large_request_waits_a_moment_and_not_after_its_deadline() {
        let (queue, _permit) = taken();
        let short = Duration::from_millis(30);
        for (wait, expected) in [(short, short), (TIMEOUT, LARGE_REQUEST_WAIT)] {
            let start = Instant::now();
            let refused = queue.acquire(4, 40 * MEGAPIXEL, start + wait).await;
            assert!(refused.unwrap_err().detail.contains("too many pixels"));
            let waited = start.elapsed();
            assert!(waited >= expected && waited < TIMEOUT / 2, "{waited:?}");
        }
    }

    #[tokio::test]
    async fn a_small_request_is_refused_at_once() {
        let queue = Queue::new(1, MEGAPIXEL);
        let _permit = queue.try_acquire(1, 1).unwrap();
        let start = Instant::now();
        assert!(queue.acquire(1, 1, start + TIMEOUT).await.is_err());
        assert!(start.elapsed() < LARGE_REQUEST_WAIT);
    }

    #[tokio::test]
    async fn who_waits_for_a_queue_that_closes_is_refused() {
        let (queue, _permit) = taken();
        let waiting = waiting(&queue).await;
        queue.close();
        assert!(waiting.await.unwrap().unwrap_err().detail.contains("shutting down"));
    }

    #[test]
    fn a_closed_queue_leaves_its_permits_valid() {
        let queue = Queue::new(2, MEGAPIXEL);
        let permit = queue.try_acquire(1, 1).unwrap();
        queue.close();
        assert!(queue.is_closed());
        assert!(queue.try_acquire(2, 1).unwrap_err().detail.contains("shutting down"));
        assert_eq!(queue.depth(), 1);
        drop(permit);
    }
}
