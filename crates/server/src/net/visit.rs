//! How long a connection has had nothing to do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// An idle connection that is younger is not closed in favour of a new one: between two requests
/// of a busy client there are moments, too.
const LEAST_IDLE: Duration = Duration::from_secs(1);

/// One connection, as seen from those that decide about its end.
#[derive(Debug)]
pub struct Visit {
    /// Since when no request is being worked on; none while one is.
    idle_since: Mutex<Option<Instant>>,
    unwelcome: Notify,
}

/// Lasts as long as a request is being worked on.
#[derive(Debug)]
pub struct Work(Arc<Visit>);

/// All open connections.
#[derive(Debug, Default)]
pub struct Visits {
    open: Mutex<BTreeMap<u64, Arc<Visit>>>,
}

impl Visit {
    fn new() -> Self {
        Self { idle_since: Mutex::new(Some(Instant::now())), unwelcome: Notify::new() }
    }

    fn idle_since(&self) -> Option<Instant> {
        *locked(&self.idle_since)
    }

    /// A request has come in.
    pub fn start_work(self: &Arc<Self>) -> Work {
        *locked(&self.idle_since) = None;
        Work(Arc::clone(self))
    }

    /// Returns when the connection has been idle for `limit`, or is to make room for another one.
    pub async fn outstay(&self, limit: Duration) {
        loop {
            let until = self.idle_since().unwrap_or_else(Instant::now) + limit;
            tokio::select! {
                () = tokio::time::sleep_until(until.into()) => {}
                () = self.unwelcome.notified() => return,
            }
            if self.idle_since().is_some_and(|since| since.elapsed() >= limit) {
                return;
            }
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        *locked(&self.0.idle_since) = Some(Instant::now());
    }
}

impl Visits {
    /// Enters a connection under a number that no other one has.
    pub fn enter(&self, number: u64) -> Arc<Visit> {
        let visit = Arc::new(Visit::new());
        locked(&self.open).insert(number, Arc::clone(&visit));
        visit
    }

    pub fn leave(&self, number: u64) {
        locked(&self.open).remove(&number);
    }

    /// Asks the connection that has been idle for longest to end, if there is one.
    pub fn dismiss_one(&self) {
        let mut open = locked(&self.open);
        let idle = open.iter().filter_map(|(number, visit)| Some((visit.idle_since()?, *number)));
        let longest = idle.min().filter(|(since, _)| since.elapsed() >= LEAST_IDLE);
        if let Some(visit) = longest.and_then(|(_, number)| open.remove(&number)) {
            visit.unwelcome.notify_one();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn an_idle_visit_ends_and_a_busy_one_does_not() {
        let visits = Visits::default();
        let (idle, busy) = (visits.enter(1), visits.enter(2));
        let work = busy.start_work();
        let start = Instant::now();
        idle.outstay(MOMENT).await;
        assert!(start.elapsed() >= MOMENT);
        assert!(timeout(2 * MOMENT, busy.outstay(MOMENT)).await.is_err());
        drop(work);
        assert!(timeout(100 * MOMENT, busy.outstay(MOMENT)).await.is_ok());
    }

    #[tokio::test]
    async fn the_longest_idle_one_makes_room() {
        let visits = Visits::default();
        let (busy, old, young) = (visits.enter(1), visits.enter(2), visits.enter(3));
        let _work = busy.start_work();
        let past = Instant::now().checked_sub(2 * LEAST_IDLE).unwrap();
        *locked(&old.idle_since) = Some(past);
        visits.dismiss_one();
        let long = Duration::from_mins(1);
        assert!(timeout(MOMENT, old.outstay(long)).await.is_ok());
        // The others are busy or have hardly begun to be idle.
        visits.dismiss_one();
        assert!(timeout(MOMENT, busy.outstay(long)).await.is_err());
        assert!(timeout(MOMENT, young.outstay(long)).await.is_err());
    }
}
