//! How much all threads together may hold at a time.

use std::sync::{Condvar, Mutex, PoisonError};

/// An amount that threads take shares of, and wait for.
pub struct Budget {
    total: u64,
    taken: Mutex<u64>,
    given_back: Condvar,
}

/// What a thread has taken; given back when dropped.
pub struct Share<'a> {
    budget: &'a Budget,
    amount: u64,
}

impl Budget {
    pub const fn new(total: u64) -> Self {
        Self { total, taken: Mutex::new(0), given_back: Condvar::new() }
    }

    /// Waits until `amount` is left, or until nobody else holds a share: who asks for more than
    /// there is, goes alone.
    pub fn take(&self, amount: u64) -> Share<'_> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_short = |taken: &mut u64| *taken > 0 && taken.saturating_add(amount) > self.total;
        let waited = self.given_back.wait_while(taken, is_short);
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
        self.budget.given_back.notify_all();
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
    fn more_than_the_total_is_given_to_one_alone() {
        let budget = Budget::new(10);
        drop(budget.take(1_000));
        drop(budget.take(10));
    }
}
