//! The threads that decode pictures and turn them into model inputs.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, available_parallelism};

use anyhow::Context;

use crate::inference::fair_queue::FairQueue;

/// Pictures with more pixels are large: preparing one takes tens of milliseconds or more.
const MAX_SMALL_PIXELS: u64 = 1 << 20;

/// One thread for each processor, and at least two. All but one prepare large pictures, too, so that
/// small ones never wait for a large one. The queue limits how many pictures wait.
#[derive(Debug)]
pub struct PreparationPool {
    shared: Arc<Shared>,
}

/// The preparation of one picture.
pub struct PictureWork {
    /// Number of pixels of the picture.
    pub pixels: u64,
    /// Prepares it.
    pub run: Box<dyn FnOnce() + Send>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work_arrived: Condvar,
}

#[derive(Debug)]
struct State {
    small: FairQueue<PictureWork>,
    large: FairQueue<PictureWork>,
    /// How many more large pictures may be prepared at the same time.
    free_for_large: usize,
    idle_threads: usize,
    is_closed: bool,
}

impl PreparationPool {
    /// Starts the threads.
    pub fn start() -> anyhow::Result<Self> {
        Self::with_threads(available_parallelism().map_or(2, NonZero::get).max(2))
    }

    fn with_threads(threads: usize) -> anyhow::Result<Self> {
        let state = State {
            small: FairQueue::new(),
            large: FairQueue::new(),
            free_for_large: threads - 1,
            idle_threads: 0,
            is_closed: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), work_arrived: Condvar::new() });
        for index in 0..threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("prepare-{index}"))
                .spawn(move || shared.prepare_pictures())
                .context("cannot start the threads that prepare pictures")?;
        }
        Ok(Self { shared })
    }

    /// Prepares the pictures of one request, as soon as threads are free and it is their turn.
    pub fn spawn(&self, pictures: impl IntoIterator<Item = PictureWork>) {
        let is_small = |picture: &PictureWork| picture.pixels <= MAX_SMALL_PIXELS;
        let (small, large): (VecDeque<_>, VecDeque<_>) = pictures.into_iter().partition(is_small);
        let mut state = self.shared.lock();
        let wanted = (small.len() + large.len()).min(state.idle_threads);
        state.small.push(small);
        state.large.push(large);
        drop(state);
        for _ in 0..wanted {
            self.shared.work_arrived.notify_one();
        }
    }
}

impl Drop for PreparationPool {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.work_arrived.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's work, until the pool is dropped.
    fn prepare_pictures(&self) {
        let mut state = self.lock();
        while !state.is_closed {
            if let Some((picture, is_large)) = state.next() {
                drop(state);
                // A panicking decoder fails its own picture (500), not the server.
                if catch_unwind(AssertUnwindSafe(picture.run)).is_err() {
                    tracing::error!("preparing a picture panicked");
                }
                state = self.lock();
                if is_large {
                    state.free_for_large += 1;
                }
            } else {
                state.idle_threads += 1;
                state = self.work_arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle_threads -= 1;
            }
        }
    }
}

impl State {
    /// The next picture that a free thread may prepare, and whether it is large.
    fn next(&mut self) -> Option<(PictureWork, bool)> {
        if self.free_for_large > 0
            && let Some(picture) = self.large.pop()
        {
            self.free_for_large -= 1;
            return Some((picture, true));
        }
        Some((self.small.pop()?, false))
    }
}

impl std::fmt::Debug for PictureWork {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PictureWork").field("pixels", &self.pixels).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    const LARGE: u64 = MAX_SMALL_PIXELS + 1;
    const TIMEOUT: Duration = Duration::from_mins(1);

    fn work(pixels: u64, run: impl FnOnce() + Send + 'static) -> PictureWork {
        PictureWork { pixels, run: Box::new(run) }
    }

    #[test]
    fn small_pictures_do_not_wait_for_large_ones() {
        let pool = PreparationPool::with_threads(2).unwrap();
        let (finish, finished) = channel::<()>();
        let (sender, done) = channel();
        let report = sender.clone();
        pool.spawn([
            work(LARGE, move || finished.recv().unwrap()),
            work(LARGE, move || report.send("large").unwrap()),
        ]);
        for _ in 0..10 {
            let sender = sender.clone();
            pool.spawn([work(1, move || sender.send("small").unwrap())]);
            assert_eq!(done.recv_timeout(TIMEOUT), Ok("small"));
        }
        finish.send(()).unwrap();
        assert_eq!(done.recv_timeout(TIMEOUT), Ok("large"));
    }

    #[test]
    fn a_panic_ends_no_thread() {
        let pool = PreparationPool::with_threads(2).unwrap();
        let (sender, done) = channel();
        pool.spawn((0..8).map(|_| work(LARGE, || panic!("an injected panic"))));
        pool.spawn((0..8).map(|_| work(1, || panic!("an injected panic"))));
        pool.spawn([LARGE, 1].map(|pixels| {
            let sender = sender.clone();
            work(pixels, move || sender.send(pixels).unwrap())
        }));
        let mut found = [done.recv_timeout(TIMEOUT).unwrap(), done.recv_timeout(TIMEOUT).unwrap()];
        found.sort_unstable();
        assert_eq!(found, [1, LARGE]);
    }
}
