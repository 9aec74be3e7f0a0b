//! The threads that decode pictures and turn them into model inputs.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, available_parallelism};

use anyhow::Context;

use crate::inference::fair_queue::FairQueue;
use crate::inference::thread_priority::lower_priority;

/// Pictures with more pixels are large: preparing one takes tens of milliseconds or more.
pub const MAX_SMALL_PIXELS: u64 = 1 << 20;

/// Threads of their own for small and for large pictures, so that small ones never wait for a large
/// one: one for each processor for the small ones; one less for the large ones, and at a lower
/// priority, because large pictures would take processors from all other threads of the server. The
/// queue limits how many pictures wait.
#[derive(Debug)]
pub struct PreparationPool {
    small: ThreadGroup,
    large: ThreadGroup,
}

/// The preparation of one picture.
pub struct PictureWork {
    /// Number of pixels of the picture.
    pub pixels: u64,
    /// Prepares it.
    pub run: Box<dyn FnOnce() + Send>,
}

/// Threads that prepare pictures of one size.
#[derive(Debug)]
struct ThreadGroup {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work_arrived: Condvar,
}

#[derive(Debug)]
struct State {
    waiting: FairQueue<PictureWork>,
    idle_threads: usize,
    is_closed: bool,
}

impl PreparationPool {
    /// Starts the threads.
    pub fn start() -> anyhow::Result<Self> {
        Self::with_processors(available_parallelism().map_or(1, NonZero::get))
    }

    fn with_processors(processors: usize) -> anyhow::Result<Self> {
        let large_threads = processors.saturating_sub(1).max(1);
        let start = || -> std::io::Result<Self> {
            Ok(Self {
                small: ThreadGroup::start("prepare", processors, || ())?,
                large: ThreadGroup::start("prepare-large", large_threads, lower_priority)?,
            })
        };
        start().context("cannot start the threads that prepare pictures")
    }

    /// Prepares the pictures of one request, as soon as threads are free and it is their turn.
    pub fn spawn(&self, pictures: impl IntoIterator<Item = PictureWork>) {
        let is_small = |picture: &PictureWork| picture.pixels <= MAX_SMALL_PIXELS;
        let (small, large) = pictures.into_iter().partition(is_small);
        self.small.spawn(small);
        self.large.spawn(large);
    }
}

impl ThreadGroup {
    /// Starts this many threads, each with a call of `prepare_thread`.
    fn start(name: &str, threads: usize, prepare_thread: fn()) -> std::io::Result<Self> {
        let state = State { waiting: FairQueue::new(), idle_threads: 0, is_closed: false };
        let group = Self {
            shared: Arc::new(Shared { state: Mutex::new(state), work_arrived: Condvar::new() }),
        };
        for index in 0..threads {
            let shared = Arc::clone(&group.shared);
            thread::Builder::new().name(format!("{name}-{index}")).spawn(move || {
                prepare_thread();
                shared.prepare_pictures();
            })?;
        }
        Ok(group)
    }

    fn spawn(&self, pictures: VecDeque<PictureWork>) {
        let mut state = self.shared.lock();
        let wanted = pictures.len().min(state.idle_threads);
        state.waiting.push(pictures);
        drop(state);
        for _ in 0..wanted {
            self.shared.work_arrived.notify_one();
        }
    }
}

impl Drop for ThreadGroup {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.work_arrived.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's work, until the group is dropped.
    fn prepare_pictures(&self) {
        let mut state = self.lock();
        while !state.is_closed {
            if let Some(picture) = state.waiting.pop() {
                drop(state);
                // A panicking decoder fails its own picture (500), not the server.
                if catch_unwind(AssertUnwindSafe(picture.run)).is_err() {
                    tracing::error!("preparing a picture panicked");
                }
                state = self.lock();
            } else {
                state.idle_threads += 1;
                state = self.work_arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle_threads -= 1;
            }
        }
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
        let pool = PreparationPool::with_processors(2).unwrap();
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

    /// That of the calling thread: field 19 of its `stat` (`proc_pid_stat(5)`), where the second field
    /// is in brackets.
    #[cfg(target_os = "linux")]
    fn nice_value() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let (_, from_third) = stat.rsplit_once(") ").unwrap();
        from_third.split(' ').nth(16).unwrap().parse().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn large_pictures_are_prepared_at_a_lower_priority_than_small_ones() {
        let pool = PreparationPool::with_processors(1).unwrap();
        let (sender, done) = channel();
        let priority_of = |pixels| {
            let sender = sender.clone();
            let report = move || sender.send(nice_value()).unwrap();
            pool.spawn([work(pixels, report)]);
            done.recv_timeout(TIMEOUT).unwrap()
        };
        // The larger the nice value, the lower the priority.
        assert!(priority_of(LARGE) > priority_of(1));
    }

    #[test]
    fn a_panic_ends_no_thread() {
        let pool = PreparationPool::with_processors(2).unwrap();
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
