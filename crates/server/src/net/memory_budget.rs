//! The memory that request bodies may use in total.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// The first bytes of a body are not counted, so that small requests are served while large ones
/// have used up the budget. The limit on connections bounds the sum of these bytes.
const UNCOUNTED_BYTES: usize = 64 * 1024;
/// How many bodies of the maximum size fit into the budget.
const LARGEST_BODIES: usize = 8;

/// A number of bytes that requests reserve parts of.
#[derive(Debug)]
pub struct MemoryBudget {
    bytes: Arc<Semaphore>,
}

/// The bytes that one request has reserved; released when dropped.
#[derive(Debug)]
pub struct MemoryReservation {
    budget: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// A budget for bodies of at most `max_body` bytes each.
    pub fn new(max_body: usize) -> Self {
        Self { bytes: Arc::new(Semaphore::new(max_body.saturating_mul(LARGEST_BODIES))) }
    }

    /// An empty reservation.
    pub fn reservation(&self) -> MemoryReservation {
        MemoryReservation { budget: Arc::clone(&self.bytes), permit: None }
    }
}

impl MemoryReservation {
    /// Makes the reservation large enough for a body of `length` bytes.
    ///
    /// # Errors
    ///
    /// 503 if the bodies of other requests use too much memory.
    pub fn try_grow(&mut self, length: usize) -> Result<(), Problem> {
        let held = self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = length.saturating_sub(UNCOUNTED_BYTES).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.budget).try_acquire_many_owned(missing);
        let more = more.map_err(|_| {
            Problem::busy("large bodies of other requests are being received: try again soon")
        })?;
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_never_exceed_the_budget_and_are_released() {
        let budget = MemoryBudget::new(1_000_000);
        let mut reservations: Vec<MemoryReservation> =
            (0..9).map(|_| budget.reservation()).collect();
        for reservation in &mut reservations[..8] {
            reservation.try_grow(500_000).unwrap();
            reservation.try_grow(UNCOUNTED_BYTES + 1_000_000).unwrap();
        }
        assert!(reservations[8].try_grow(UNCOUNTED_BYTES + 1).is_err());
        reservations.remove(0);
        assert!(reservations[7].try_grow(UNCOUNTED_BYTES + 1_000_000).is_ok());
    }

    #[test]
    fn small_bodies_always_fit() {
        let budget = MemoryBudget::new(10);
        assert!(budget.reservation().try_grow(UNCOUNTED_BYTES).is_ok());
        assert!(budget.reservation().try_grow(UNCOUNTED_BYTES + 81).is_err());
    }
}
