//! The memory that bodies may take, all requests together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Bytes of a body that are free of charge, so that small requests are served while large ones have
/// taken the budget. What this may add up to is bounded by the number of connections.
const FREE: usize = 64 * 1024;
/// How many bodies of the largest size may come in at the same time.
const LARGEST_BODIES: usize = 8;

/// An amount of bytes that requests take shares of.
#[derive(Debug)]
pub struct Budget {
    bytes: Arc<Semaphore>,
}

/// What one body has taken; given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// For bodies of at most `largest` bytes.
    pub fn new(largest: usize) -> Self {
        Self { bytes: Arc::new(Semaphore::new(largest.saturating_mul(LARGEST_BODIES))) }
    }

    pub fn share(&self) -> Share {
        Share { budget: Arc::clone(&self.bytes), taken: None }
    }
}

impl Share {
    /// Makes the share large enough for a body of `length` bytes.
    ///
    /// # Errors
    ///
    /// 503 when others have taken too much.
    pub fn grow(&mut self, length: usize) -> Result<(), Problem> {
        let held = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = length.saturating_sub(FREE).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.budget).try_acquire_many_owned(missing);
        let more = more.map_err(|_| {
            Problem::busy("large bodies of other requests are coming in: try again soon")
        })?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_exceed_the_budget_and_are_given_back() {
        let budget = Budget::new(1_000_000);
        let mut shares: Vec<Share> = (0..9).map(|_| budget.share()).collect();
        for share in &mut shares[..8] {
            share.grow(500_000).unwrap();
            share.grow(FREE + 1_000_000).unwrap();
        }
        assert!(shares[8].grow(FREE + 1).is_err());
        shares.remove(0);
        assert!(shares[7].grow(FREE + 1_000_000).is_ok());
    }

    #[test]
    fn small_bodies_are_always_let_in() {
        let budget = Budget::new(10);
        assert!(budget.share().grow(FREE).is_ok());
        assert!(budget.share().grow(FREE + 81).is_err());
    }
}
