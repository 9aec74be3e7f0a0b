//! Gathers orders of several requests into batches.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use crate::options::BatchOptions;

/// When a batch is complete.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimit {
    /// Orders at most.
    pub size: usize,
    /// How long the first order waits for others.
    pub wait: Duration,
}

impl BatchLimit {
    pub fn new(options: &BatchOptions) -> Self {
        Self { size: options.batch.into(), wait: Duration::from_millis(options.wait.into()) }
    }

    /// The next batch: an order, however long it takes to come, and those that are there already
    /// or come in time. Empty when nobody can send any more.
    pub fn gather<T>(&self, orders: &Receiver<T>) -> Vec<T> {
        let Ok(first) = orders.recv() else { return Vec::new() };
        let until = Instant::now() + self.wait;
        let mut batch = vec![first];
        while batch.len() < self.size
            && let Some(order) = next(orders, until)
        {
            batch.push(order);
        }
        batch
    }
}

/// An order that is there, or comes until then.
fn next<T>(orders: &Receiver<T>, until: Instant) -> Option<T> {
    match orders.try_recv() {
        Ok(order) => Some(order),
        Err(TryRecvError::Disconnected) => None,
        Err(TryRecvError::Empty) => {
            let left = until.checked_duration_since(Instant::now())?;
            orders.recv_timeout(left).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    fn limit(size: usize, milliseconds: u64) -> BatchLimit {
        BatchLimit { size, wait: Duration::from_millis(milliseconds) }
    }

    fn sizes(limit: BatchLimit, orders: usize) -> Vec<usize> {
        let (sender, receiver) = channel();
        (0..orders).for_each(|order| sender.send(order).unwrap());
        drop(sender);
        let sizes = std::iter::from_fn(|| Some(limit.gather(&receiver).len()));
        sizes.take_while(|&size| size > 0).collect()
    }

    #[test]
    fn what_is_there_goes_together_up_to_the_limit() {
        assert_eq!(sizes(limit(3, 0), 7), [3, 3, 1]);
        assert_eq!(sizes(limit(1, 0), 3), [1, 1, 1]);
        assert_eq!(sizes(limit(64, 10_000), 5), [5]);
    }

    #[test]
    fn orders_keep_their_order() {
        let (sender, receiver) = channel();
        (0..5).for_each(|order| sender.send(order).unwrap());
        assert_eq!(limit(5, 0).gather(&receiver), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn without_waiting_the_first_one_goes_alone() {
        let (sender, receiver) = channel();
        sender.send(1).unwrap();
        assert_eq!(limit(9, 0).gather(&receiver), [1]);
    }

    #[test]
    fn waiting_lets_later_ones_in() {
        let (sender, receiver) = channel();
        sender.send(1).unwrap();
        let later = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            sender.send(2).unwrap();
            sender
        });
        assert_eq!(limit(2, 10_000).gather(&receiver), [1, 2]);
        drop(later.join().unwrap());
    }
}
