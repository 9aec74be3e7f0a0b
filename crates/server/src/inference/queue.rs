//! Limits how many pictures wait for their answers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::problem::Problem;

/// A bounded number of permits: a picture holds one from its arrival until it is answered.
#[derive(Debug)]
pub struct Queue {
    permits: Arc<Semaphore>,
    capacity: u32,
}

/// The permits of one request's pictures; released when dropped.
pub type QueuePermit = OwnedSemaphorePermit;

impl Queue {
    /// A queue for at most `capacity` pictures.
    pub fn new(capacity: u32) -> Self {
        Self { permits: Arc::new(Semaphore::new(capacity as usize)), capacity }
    }

    /// Acquires permits for `pictures`. A request with more pictures than the capacity gets all
    /// permits, if they are free.
    ///
    /// # Errors
    ///
    /// 503 at once if too few permits are free or the queue is closed.
    pub fn try_acquire(&self, pictures: usize) -> Result<QueuePermit, Problem> {
        let wanted = u32::try_from(pictures).unwrap_or(u32::MAX).min(self.capacity);
        Arc::clone(&self.permits).try_acquire_many_owned(wanted).map_err(|error| match error {
            TryAcquireError::NoPermits => Problem::busy("too many pictures are waiting"),
            TryAcquireError::Closed => Problem::busy("the server is shutting down"),
        })
    }

    /// Rejects new pictures; those that hold a permit keep it.
    pub fn close(&self) {
        self.permits.close();
    }

    /// Whether new pictures are rejected.
    pub fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    /// Number of permits in use.
    pub fn depth(&self) -> usize {
        self.capacity as usize - self.permits.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_rejects_at_once() {
        let queue = Queue::new(2);
        let permit = queue.try_acquire(1).unwrap();
        assert!(queue.try_acquire(2).unwrap_err().detail.contains("too many"));
        assert_eq!(queue.depth(), 1);
        drop(permit);
        assert!(queue.try_acquire(2).is_ok());
    }

    #[test]
    fn a_request_larger_than_the_queue_is_served_alone() {
        let queue = Queue::new(2);
        let all = queue.try_acquire(10).unwrap();
        assert!(queue.try_acquire(1).is_err());
        drop(all);
        assert_eq!(queue.depth(), 0);
    }

    #[test]
    fn a_closed_queue_leaves_its_permits_valid() {
        let queue = Queue::new(2);
        let permit = queue.try_acquire(1).unwrap();
        queue.close();
        assert!(queue.is_closed() && queue.try_acquire(1).is_err());
        assert_eq!(queue.depth(), 1);
        drop(permit);
    }
}
