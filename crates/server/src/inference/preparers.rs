//! The threads that decode pictures and make them what a model takes.

use anyhow::Context;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// A thread for each processor; what is waiting for them is bounded by the queue.
#[derive(Debug)]
pub struct Preparers {
    pool: ThreadPool,
}

impl Preparers {
    pub fn start() -> anyhow::Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .thread_name(|index| format!("prepare-{index}"))
            // A decoder that panics costs its picture the answer (500), not the server its life.
            .panic_handler(|_| tracing::error!("preparing a picture panicked"))
            .build()
            .context("cannot start the threads that prepare pictures")?;
        Ok(Self { pool })
    }

    /// Runs `work` as soon as a thread is free.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        self.pool.spawn(work);
    }
}
