//! The thread that owns a model and asks it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::Context;
use ink::InkLine;
use model::ClassifyError;
use rayon::ThreadPoolBuilder;
use reader::{Answer, Line, Prepared, Reader};
use tokio::sync::oneshot;

use crate::inference::batch::BatchLimit;
use crate::inference::queue::Places;
use crate::metrics::Metrics;
use crate::net::budget::Share;
use crate::problem::Problem;

/// Something to do for one picture of a request.
#[derive(Debug)]
pub enum Job {
    /// Tell which class it shows.
    Predict(Order<Prepared, Answered>),
    /// Read the line that was found on it.
    Read(Order<FoundLine, Line>),
}

/// A question about a picture and the way back.
#[derive(Debug)]
pub struct Order<Q, A> {
    pub question: Q,
    pub reply: Reply<A>,
    /// Kept until the order is answered.
    pub ticket: Arc<Ticket>,
}

/// Where an answer goes.
pub type Reply<A> = oneshot::Sender<Result<A, Problem>>;

/// What the model said of a picture.
#[derive(Debug)]
pub struct Answered {
    pub picture: Prepared,
    /// Judged without a threshold: every request has its own.
    pub answer: Answer,
}

/// The line of digits on a picture; none on a blank page.
#[derive(Debug)]
pub struct FoundLine {
    pub line: Option<InkLine>,
    /// Confidence below which a digit is rejected.
    pub threshold: f64,
}

/// What a request holds while its pictures are worked on, even if its client has gone.
#[derive(Debug)]
pub struct Ticket {
    _places: Places,
    _share: Share,
}

/// The way to a model's thread.
#[derive(Clone, Debug)]
pub struct Worker {
    jobs: Sender<Job>,
    is_alive: Arc<AtomicBool>,
}

impl<Q, A> Order<Q, A> {
    /// Whether the client is still there, and its time has not run out.
    fn is_awaited(&self) -> bool {
        !self.reply.is_closed()
    }
}

impl Ticket {
    pub fn new(places: Places, share: Share) -> Self {
        Self { _places: places, _share: share }
    }
}

impl Worker {
    /// Starts the thread of a model. It ends when nobody can hand over jobs any more.
    pub fn start(
        name: &str,
        reader: Reader,
        limit: BatchLimit,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let (sender, jobs) = channel();
        let is_alive = Arc::new(AtomicBool::new(true));
        let alive = Alive(Arc::clone(&is_alive));
        let thread_name = format!("model-{name}");
        // A pool of one thread: the kernels divide a batch among the pool that they run in, and
        // while many clients ask, handing parts over would cost more than it gains.
        let pool = ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(move |_| thread_name.clone())
            .panic_handler(|_| tracing::error!("a model's thread panicked"))
            .build()
            .context("cannot start the model's thread")?;
        pool.spawn(move || {
            let _alive = alive;
            work(&reader, &jobs, limit, &metrics);
        });
        Ok(Self { jobs: sender, is_alive })
    }

    /// Hands a job over; its reply is dropped, where the thread has died.
    pub fn hand_over(&self, job: Job) {
        let _ = self.jobs.send(job);
    }

    pub fn is_alive(&self) -> bool {
        self.is_alive.load(Ordering::Relaxed)
    }
}

/// Tells that the thread has ended, however it ended.
struct Alive(Arc<AtomicBool>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn work(reader: &Reader, jobs: &Receiver<Job>, limit: BatchLimit, metrics: &Metrics) {
    loop {
        let batch = limit.gather(jobs);
        if batch.is_empty() {
            return;
        }
        let (mut pictures, mut lines) = (Vec::new(), Vec::new());
        for job in batch {
            match job {
                Job::Predict(order) => pictures.push(order),
                Job::Read(order) => lines.push(order),
            }
        }
        predict(reader, pictures, metrics);
        // The candidates for its digits make a line a batch of its own.
        for order in lines {
            read(reader, order, metrics);
        }
    }
}

/// Asks the model once about all pictures of a batch.
fn predict(reader: &Reader, mut batch: Vec<Order<Prepared, Answered>>, metrics: &Metrics) {
    batch.retain(Order::is_awaited);
    if batch.is_empty() {
        return;
    }
    metrics.count_batch(batch.len());
    let (pictures, waiting): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|order| (order.question, (order.reply, order.ticket))).unzip();
    let answers = match reader.answer(&pictures, 0.0) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(failure(&error)); waiting.len()],
    };
    for ((picture, answer), (reply, ticket)) in pictures.into_iter().zip(answers).zip(waiting) {
        send(reply, ticket, answer.map(|answer| Answered { picture, answer }));
    }
}

/// Asks the model about a line.
fn read(reader: &Reader, order: Order<FoundLine, Line>, metrics: &Metrics) {
    if order.is_awaited() {
        let FoundLine { line, threshold } = order.question;
        metrics.count_batch(line.as_ref().map_or(0, |line| line.spans.len()));
        let line = reader.read_found(line.as_ref(), threshold);
        send(order.reply, order.ticket, line.map_err(|error| failure(&error)));
    }
}

fn failure(error: &ClassifyError) -> Problem {
    tracing::error!(%error, "a batch failed");
    Problem::internal()
}

/// Answers an order, unless its client has gone in the meantime.
pub fn send<A>(reply: Reply<A>, ticket: Arc<Ticket>, answer: Result<A, Problem>) {
    // First, so that whoever has an answer finds the queue shorter.
    drop(ticket);
    let _ = reply.send(answer);
}
