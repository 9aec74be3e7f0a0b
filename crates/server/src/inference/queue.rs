//! The pictures that wait for their answer, bounded.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::problem::Problem;

/// Places for pictures, from the moment they are here until they are answered.
#[derive(Debug)]
pub struct Queue {
    places: Arc<Semaphore>,
    length: u32,
}

/// The places of one request's pictures; free again when dropped.
pub type Places = OwnedSemaphorePermit;

impl Queue {
    pub fn new(length: u32) -> Self {
        Self { places: Arc::new(Semaphore::new(length as usize)), length }
    }

    /// Takes places for `pictures`. A request with more than the queue has gets all of them, if
    /// they are free.
    ///
    /// # Errors
    ///
    /// 503 at once, when there are not enough places or the queue is closed.
    pub fn enter(&self, pictures: usize) -> Result<Places, Problem> {
        let wanted = u32::try_from(pictures).unwrap_or(u32::MAX).min(self.length);
        Arc::clone(&self.places).try_acquire_many_owned(wanted).map_err(|error| match error {
            TryAcquireError::NoPermits => Problem::busy("too many pictures are waiting"),
            TryAcquireError::Closed => Problem::busy("the server is ending"),
        })
    }

    /// Lets nobody in any more; who is in, stays.
    pub fn close(&self) {
        self.places.close();
    }

    pub fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    /// Places that are taken.
    pub fn depth(&self) -> usize {
        self.length as usize - self.places.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_a_place() {
        let queue = Queue::new(2);
        let place = queue.enter(1).unwrap();
        assert!(queue.enter(2).unwrap_err().detail.contains("too many"));
        assert_eq!(queue.depth(), 1);
        drop(place);
        assert!(queue.enter(2).is_ok());
    }

    #[test]
    fn a_request_larger_than_the_queue_is_served_alone() {
        let queue = Queue::new(2);
        let all = queue.enter(10).unwrap();
        assert!(queue.enter(1).is_err());
        drop(all);
        assert_eq!(queue.depth(), 0);
    }

    #[test]
    fn a_closed_queue_keeps_who_is_in() {
        let queue = Queue::new(2);
        let place = queue.enter(1).unwrap();
        queue.close();
        assert!(queue.is_closed() && queue.enter(1).is_err());
        assert_eq!(queue.depth(), 1);
        drop(place);
    }
}
