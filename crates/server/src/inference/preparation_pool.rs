//! The threads that decode pictures and turn them into model inputs.

use anyhow::Context;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// One thread for each processor. The queue limits how many pictures wait for them.
#[derive(Debug)]
pub struct PreparationPool {
    pool: ThreadPool,
}

impl PreparationPool {
    /// Starts the threads.
    pub fn start() -> anyhow::Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .thread_name(|index| format!("prepare-{index}"))
            // A panicking decoder fails its own picture (500), not the server.
            .panic_handler(|_| tracing::error!("preparing a picture panicked"))
            .build()
            .context("cannot start the threads that prepare pictures")?;
        Ok(Self { pool })
    }

    /// Runs `work` as soon as a thread is free.
    pub fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        self.pool.spawn(work);
    }
}
