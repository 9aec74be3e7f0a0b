//! The loop of a model's thread, which survives the panics of a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;

use crate::inference::batch::BatchPolicy;

/// A model has failed when this many batches in a row have panicked: a single one may be at fault
/// itself.
const MAX_PANICS: u32 = 3;

/// Counts the batches that have panicked since the last one that did not.
#[derive(Debug, Default)]
pub struct PanicCount(AtomicU32);

impl PanicCount {
    /// Whether too many batches in a row have panicked.
    pub fn has_failed(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= MAX_PANICS
    }
}

/// Runs `work` on each batch until all senders are gone. A panic ends its batch, whose requests fail
/// (500); the next batch runs with the same model.
pub fn run_batches<Job>(
    jobs: &Receiver<Job>,
    policy: BatchPolicy,
    panics: &PanicCount,
    mut work: impl FnMut(Vec<Job>),
) {
    loop {
        let batch = policy.next_batch(jobs);
        if batch.is_empty() {
            return;
        }
        // What a panic may leave half done is in the batch, which is dropped: the model does not
        // change.
        if catch_unwind(AssertUnwindSafe(|| work(batch))).is_ok() {
            panics.0.store(0, Ordering::Relaxed);
        } else {
            let count = panics.0.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::error!(in_a_row = count, "a batch panicked: the model's thread goes on");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_batches_after_a_panic_are_answered_and_panics_in_a_row_are_a_failure() {
        let (sender, jobs) = channel();
        let panics = PanicCount::default();
        let policy = BatchPolicy { max_size: 1, max_wait: Duration::ZERO };
        for job in [1, -1, 2, -2, -3, 3, -4, -5, -6] {
            sender.send(job).unwrap();
        }
        drop(sender);
        let mut answered = Vec::new();
        run_batches(&jobs, policy, &panics, |batch| {
            assert!(batch[0] > 0, "an injected panic");
            assert!(!panics.has_failed());
            answered.extend(batch);
        });
        assert_eq!(answered, [1, 2, 3]);
        assert!(panics.has_failed());
    }

    #[test]
    fn a_model_that_answers_again_has_not_failed() {
        let panics = PanicCount(AtomicU32::new(MAX_PANICS));
        let (sender, jobs) = channel();
        sender.send(()).unwrap();
        drop(sender);
        let policy = BatchPolicy { max_size: 1, max_wait: Duration::ZERO };
        run_batches(&jobs, policy, &panics, drop);
        assert!(!panics.has_failed());
    }
}
