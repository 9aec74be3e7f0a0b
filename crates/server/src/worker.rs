//! The thread that owns a model and asks it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::Context;
use rayon::ThreadPoolBuilder;
use reader::{Answer, Prepared, Reader};
use tokio::sync::oneshot;

use crate::batch::BatchLimit;
use crate::budget::Share;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::queue::Places;

/// A picture to ask the model about.
#[derive(Debug)]
pub struct Order {
    pub picture: Prepared,
    pub reply: Reply,
    /// Kept until the order is answered.
    pub ticket: Arc<Ticket>,
}

/// Where the answer goes.
pub type Reply = oneshot::Sender<Result<Answered, Problem>>;

/// What the model said of a picture.
#[derive(Debug)]
pub struct Answered {
    pub picture: Prepared,
    /// Judged without a threshold: every request has its own.
    pub answer: Answer,
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
    orders: Sender<Order>,
    is_alive: Arc<AtomicBool>,
}

impl Ticket {
    pub fn new(places: Places, share: Share) -> Self {
        Self { _places: places, _share: share }
    }
}

impl Worker {
    /// Starts the thread of a model. It ends when nobody can send orders any more.
    pub fn start(
        name: &str,
        reader: Reader,
        limit: BatchLimit,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let (sender, orders) = channel();
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
            work(&reader, &orders, limit, &metrics);
        });
        Ok(Self { orders: sender, is_alive })
    }

    /// Hands an order over; its reply is dropped, where the thread has died.
    pub fn send(&self, order: Order) {
        let _ = self.orders.send(order);
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

fn work(reader: &Reader, orders: &Receiver<Order>, limit: BatchLimit, metrics: &Metrics) {
    loop {
        let mut batch = limit.gather(orders);
        if batch.is_empty() {
            return;
        }
        // Their clients have gone, or have waited too long.
        batch.retain(|order| !order.reply.is_closed());
        if !batch.is_empty() {
            metrics.count_batch(batch.len());
            answer(reader, batch);
        }
    }
}

/// Asks the model once about all pictures of a batch.
fn answer(reader: &Reader, batch: Vec<Order>) {
    let (pictures, waiting): (Vec<Prepared>, Vec<(Reply, Arc<Ticket>)>) =
        batch.into_iter().map(|order| (order.picture, (order.reply, order.ticket))).unzip();
    let answers = match reader.answer(&pictures, 0.0) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) => {
            tracing::error!(%error, "a batch failed");
            vec![Err(Problem::internal()); waiting.len()]
        }
    };
    for ((picture, answer), (reply, ticket)) in pictures.into_iter().zip(answers).zip(waiting) {
        // First, so that whoever has an answer finds the queue shorter.
        drop(ticket);
        // Fails where the client has gone in the meantime.
        let _ = reply.send(answer.map(|answer| Answered { picture, answer }));
    }
}
