//! What a model's thread is given to do, and how its output gets back to the request.

use std::sync::Arc;

use ink::InkPage;
use reader::{Answer, Prepared, Reading};
use tokio::sync::oneshot;

use crate::inference::queue::QueuePermit;
use crate::net::memory_budget::MemoryReservation;
use crate::problem::Problem;

/// Work for a model's thread: one picture of a request.
#[derive(Debug)]
pub enum Job {
    /// Classify it.
    Predict(Pending<Prepared, PredictedPicture>),
    /// Read the line that was found on it; `None` on a blank page.
    Read(Pending<Option<InkPage>, Reading>),
}

/// An input that waits for the model, and where its output goes.
#[derive(Debug)]
pub struct Pending<Input, Output> {
    pub input: Input,
    pub reply: ReplySender<Output>,
    /// Held until the job is done.
    pub permit: Arc<RequestPermit>,
}

/// Sends a job's output to its request.
pub type ReplySender<Output> = oneshot::Sender<Result<Output, Problem>>;

/// A picture and what the model answers about it.
#[derive(Debug)]
pub struct PredictedPicture {
    pub picture: Prepared,
    pub answer: Answer,
}

/// What a request holds while its pictures are processed, even after its client has disconnected.
#[derive(Debug)]
pub struct RequestPermit {
    _queue: QueuePermit,
    _memory: MemoryReservation,
}

impl RequestPermit {
    /// Holds both until dropped.
    pub fn new(queue: QueuePermit, memory: MemoryReservation) -> Self {
        Self { _queue: queue, _memory: memory }
    }
}

impl<Input, Output> Pending<Input, Output> {
    /// Whether the client is still connected and its deadline has not passed.
    pub fn is_awaited(&self) -> bool {
        !self.reply.is_closed()
    }
}

/// Sends a job's output, unless its client has disconnected meanwhile.
pub fn send_reply<Output>(
    reply: ReplySender<Output>,
    permit: Arc<RequestPermit>,
    output: Result<Output, Problem>,
) {
    // Before the reply, so that a client that has its answer finds the queue shorter.
    drop(permit);
    let _ = reply.send(output);
}
