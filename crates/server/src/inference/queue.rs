//! Limits how many pictures, and how many pixels, wait for their answers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::problem::Problem;

/// Pixels are counted in this unit, rounded up.
const PIXEL_UNIT: u64 = 1024;

/// Room for pictures, which hold their part of it from their arrival until they are answered.
#[derive(Debug)]
pub struct Queue {
    pictures: Room,
    pixels: Room,
}

/// What one request's pictures hold; released when dropped.
#[derive(Debug)]
pub struct QueuePermit {
    _pictures: OwnedSemaphorePermit,
    _pixels: OwnedSemaphorePermit,
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
        Self { pictures: Room::new(pictures), pixels: Room::new(pixel_units(pixels)) }
    }

    /// Acquires room for `pictures` that have `pixels` in all.
    ///
    /// # Errors
    ///
    /// 503 at once if the request needs more than half of the room that is free, or the queue is
    /// closed.
    pub fn try_acquire(&self, pictures: usize, pixels: u64) -> Result<QueuePermit, Problem> {
        let pictures = u32::try_from(pictures).unwrap_or(u32::MAX);
        Ok(QueuePermit {
            _pictures: self.pictures.try_acquire(pictures, "pictures")?,
            _pixels: self.pixels.try_acquire(pixel_units(pixels), "pixels")?,
        })
    }

    /// Rejects new pictures; those that hold a permit keep it.
    pub fn close(&self) {
        self.pictures.permits.close();
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
    // The sum of two rooms' permits must fit, too.
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
