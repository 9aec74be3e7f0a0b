//! Collects jobs of several requests into batches.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use crate::options::BatchOptions;

/// When a batch is complete.
#[derive(Clone, Copy, Debug)]
pub struct BatchPolicy {
    /// Maximum number of jobs.
    pub max_size: usize,
    /// How long the first job waits for others.
    pub max_wait: Duration,
}

impl BatchPolicy {
    /// The policy that the command line sets.
    pub fn new(options: &BatchOptions) -> Self {
        Self {
            max_size: options.batch.into(),
            max_wait: Duration::from_millis(options.wait.into()),
        }
    }

    /// Waits for a job, and returns it with those that are queued already or arrive in time. The
    /// batch is empty when all senders are gone.
    pub fn next_batch<T>(&self, jobs: &Receiver<T>) -> Vec<T> {
        let Ok(first) = jobs.recv() else { return Vec::new() };
        let until = Instant::now() + self.max_wait;
        let mut batch = vec![first];
        while batch.len() < self.max_size
            && let Some(job) = next_job(jobs, until)
        {
            batch.push(job);
        }
        batch
    }
}

/// A job that is queued, or arrives before `until`.
fn next_job<T>(jobs: &Receiver<T>, until: Instant) -> Option<T> {
    match jobs.try_recv() {
        Ok(job) => Some(job),
        Err(TryRecvError::Disconnected) => None,
        Err(TryRecvError::Empty) => {
            let left = until.checked_duration_since(Instant::now())?;
            jobs.recv_timeout(left).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    fn policy(max_size: usize, milliseconds: u64) -> BatchPolicy {
        BatchPolicy { max_size, max_wait: Duration::from_millis(milliseconds) }
    }

    fn sizes(policy: BatchPolicy, jobs: usize) -> Vec<usize> {
        let (sender, receiver) = channel();
        (0..jobs).for_each(|job| sender.send(job).unwrap());
        drop(sender);
        let sizes = std::iter::from_fn(|| Some(policy.next_batch(&receiver).len()));
        sizes.take_while(|&size| size > 0).collect()
    }

    #[test]
    fn queued_jobs_go_together_up_to_the_maximum() {
        assert_eq!(sizes(policy(3, 0), 7), [3, 3, 1]);
        assert_eq!(sizes(policy(1, 0), 3), [1, 1, 1]);
        assert_eq!(sizes(policy(64, 10_000), 5), [5]);
    }

    #[test]
    fn jobs_keep_their_order() {
        let (sender, receiver) = channel();
        (0..5).for_each(|job| sender.send(job).unwrap());
        assert_eq!(policy(5, 0).next_batch(&receiver), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn without_a_wait_a_single_job_is_a_batch() {
        let (sender, receiver) = channel();
        sender.send(1).unwrap();
        assert_eq!(policy(9, 0).next_batch(&receiver), [1]);
    }

    #[test]
    fn a_wait_lets_later_jobs_in() {
        let (sender, receiver) = channel();
        sender.send(1).unwrap();
        let later = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            sender.send(2).unwrap();
            sender
        });
        assert_eq!(policy(2, 10_000).next_batch(&receiver), [1, 2]);
        drop(later.join().unwrap());
    }
}
