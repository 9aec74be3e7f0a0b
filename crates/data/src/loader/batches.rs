//! The batches of one epoch in order, and the worker threads that make them.

use std::any::Any;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use super::batch::Batch;
use super::epoch::Epoch;
use crate::error::DataError;

/// Number of batches that a worker prepares ahead: one is taken while the next one is made.
const READY: usize = 2;

/// An iterator over the batches of one epoch, in order. It ends after the first error, which may be
/// a worker's panic. Dropping it stops its workers.
pub struct Batches {
    epoch: Arc<Epoch>,
    workers: Vec<Worker>,
    first: usize,
    next: usize,
    count: usize,
}

struct Worker {
    batches: Receiver<Result<Batch, DataError>>,
    thread: JoinHandle<()>,
}

impl Batches {
    /// The batches from `first` up to `count`.
    pub(super) fn start(epoch: Epoch, first: usize, count: usize, workers: usize) -> Self {
        let epoch = Arc::new(epoch);
        let workers = workers.min(count.saturating_sub(first));
        let workers = (0..workers)
            .map(|worker| Worker::start(&epoch, (first + worker..count).step_by(workers)))
            .collect();
        Self { epoch, workers, first, next: first, count }
    }

    fn take(&mut self) -> Result<Batch, DataError> {
        if self.workers.is_empty() {
            return self.epoch.batch(self.next);
        }
        let turn = (self.next - self.first) % self.workers.len();
        self.workers[turn].batches.recv().unwrap_or_else(|_| {
            // A worker closes its channel before its last batch only if it panicked.
            let panic = self.workers.swap_remove(turn).thread.join();
            let message = panic
                .map_or_else(|payload| message(&*payload), |()| String::from("it ended early"));
            Err(DataError::WorkerPanicked { message })
        })
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.count {
            return None;
        }
        let batch = self.take();
        self.next = if batch.is_ok() { self.next + 1 } else { self.count };
        Some(batch)
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        // Workers blocked on a full channel wake up when its receiver is dropped, so all receivers
        // are dropped before any thread is joined.
        let (receivers, threads): (Vec<_>, Vec<_>) =
            self.workers.drain(..).map(|worker| (worker.batches, worker.thread)).unzip();
        drop(receivers);
        for thread in threads {
            // A panic in a batch that is no longer needed is ignored.
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn start(epoch: &Arc<Epoch>, places: impl Iterator<Item = usize> + Send + 'static) -> Self {
        let (sender, batches) = sync_channel(READY);
        let epoch = Arc::clone(epoch);
        let thread = thread::spawn(move || {
            for place in places {
                let batch = epoch.batch(place);
                let failed = batch.is_err();
                if sender.send(batch).is_err() || failed {
                    return;
                }
            }
        });
        Self { batches, thread }
    }
}

/// The message of a panic.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    String::from(text.unwrap_or("without a message"))
}
