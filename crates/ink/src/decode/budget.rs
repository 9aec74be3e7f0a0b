//! A limit on what all threads together hold at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// An amount of which threads take shares; a thread blocks until its share is available.
pub struct Budget {
    total: u64,
    taken: Mutex<u64>,
    returned: Condvar,
}

/// A thread's share; dropping it returns it.
pub struct Share<'a> {
    budget: &'a Budget,
    amount: u64,
}

impl Budget {
    pub const fn new(total: u64) -> Self {
        Self { total, taken: Mutex::new(0), returned: Condvar::new() }
    }

    /// Blocks until `amount` is available. A request for more than the total waits until no other
    /// share is taken.
    pub fn take(&self, amount: u64) -> Share<'_> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_short = |taken: &mut u64| *taken > 0 && taken.saturating_add(amount) > self.total;
        let waited = self.returned.wait_while(taken, is_short);
        let mut taken = waited.unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_add(amount);
        Share { budget: self, amount }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self.budget.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_sub(self.amount);
        drop(taken);
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn threads_never_hold_more_than_the_total_together() {
        let (budget, held, most) = (Budget::new(10), AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for amount in [3, 4, 5, 6, 7] {
                let (budget, held, most) = (&budget, &held, &most);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let _share = budget.take(amount);
                        most.fetch_max(
                            held.fetch_add(amount, Ordering::SeqCst) + amount,
                            Ordering::SeqCst,
                        );
                        thread::yield_now();
                        held.fetch_sub(amount, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((7..=10).contains(&most.into_inner()));
    }

    #[test]
    fn more_than_the_total_is_granted_to_one_thread_alone() {
        let budget = Budget::new(10);
        drop(budget.take(1_000));
        drop(budget.take(10));
    }
}
