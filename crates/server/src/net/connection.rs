//! The state of one connection that decides when it is closed.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::net::slots::Slot;

/// A connection that has been idle between two requests for less time is not evicted: even a busy
/// client pauses between two requests.
const MIN_IDLE_TIME: Duration = Duration::from_secs(1);
/// The same while the server waits for the rest of a request, and for a connection's first request:
/// a client sends those without a pause. Those that have waited for longest are evicted first, so
/// that the time is this short only while clients take all slots within it.
const MIN_WAITING_TIME: Duration = Duration::from_millis(50);

/// One connection.
#[derive(Debug)]
pub struct Connection {
    /// The other side's address.
    peer: IpAddr,
    state: Mutex<State>,
    evicted: Notify,
}

#[derive(Debug)]
struct State {
    activity: Activity,
    has_answered: bool,
    /// Held until the connection closes.
    slot: Slot,
}

#[derive(Clone, Copy, Debug)]
enum Activity {
    /// No request is in progress: between two of them, and while headers arrive.
    Idle { since: Instant },
    /// The server waits for a request's body, of which `bytes` have arrived.
    ReceivingBody { since: Instant, bytes: u64 },
    /// A request is being answered.
    Answering,
}

/// Which of two connections is evicted first: the smaller one. Those that have never had an answer
/// come first, then those that send least, then those that have waited for longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvictionRank {
    has_answered: bool,
    bytes_per_second: u64,
    waited: Reverse<Duration>,
}

/// A request in progress; its connection is idle again when it is dropped.
#[derive(Debug)]
pub struct InFlightRequest(Arc<Connection>);

impl Connection {
    /// A connection that is idle from now on.
    pub fn new(peer: IpAddr, slot: Slot) -> Self {
        let activity = Activity::Idle { since: Instant::now() };
        let state = State { activity, has_answered: false, slot };
        Self { peer, state: Mutex::new(state), evicted: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The other side's address.
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Whether it has one of the reserved slots.
    pub fn is_reserved(&self) -> bool {
        matches!(self.state().slot, Slot::Reserved(_))
    }

    /// Replaces its slot.
    pub fn set_slot(&self, slot: Slot) {
        self.state().slot = slot;
    }

    /// Marks the connection as busy.
    pub fn begin_request(self: &Arc<Self>) -> InFlightRequest {
        self.state().activity = Activity::Answering;
        InFlightRequest(Arc::clone(self))
    }

    /// Marks the connection as waiting for a request's body.
    pub fn begin_body(&self) {
        self.state().activity = Activity::ReceivingBody { since: Instant::now(), bytes: 0 };
    }

    /// Counts bytes of a body.
    pub fn count_body(&self, length: usize) {
        if let Activity::ReceivingBody { bytes, .. } = &mut self.state().activity {
            *bytes += length as u64;
        }
    }

    /// Marks the connection as busy again after a body; one that is idle already stays so.
    pub fn end_body(&self) {
        let mut state = self.state();
        if matches!(state.activity, Activity::ReceivingBody { .. }) {
            state.activity = Activity::Answering;
        }
    }

    /// Its place among the connections that may be evicted from reserved slots, or from the others;
    /// `None` if it may not.
    pub fn eviction_rank(&self, is_reserved: bool, now: Instant) -> Option<EvictionRank> {
        let state = self.state();
        if matches!(state.slot, Slot::Reserved(_)) != is_reserved {
            return None;
        }
        let (since, bytes, least) = match state.activity {
            Activity::Answering => return None,
            Activity::ReceivingBody { since, bytes } => (since, bytes, MIN_WAITING_TIME),
            Activity::Idle { since } => {
                let least = match (&state.slot, state.has_answered) {
                    (Slot::Reserved(_), _) | (_, false) => MIN_WAITING_TIME,
                    (Slot::Regular(_), true) => MIN_IDLE_TIME,
                };
                (since, 0, least)
            }
        };
        let waited = now.saturating_duration_since(since);
        (waited >= least).then(|| EvictionRank {
            has_answered: state.has_answered,
            bytes_per_second: (bytes as f64 / waited.as_secs_f64()) as u64,
            waited: Reverse(waited),
        })
    }

    /// Closes the connection.
    pub fn evict(&self) {
        self.evicted.notify_one();
    }

    /// Returns when the connection has been idle for `limit` or is evicted.
    pub async fn idle_timeout(&self, limit: Duration) {
        loop {
            let until = self.idle_since().unwrap_or_else(Instant::now) + limit;
            tokio::select! {
                () = tokio::time::sleep_until(until.into()) => {}
                () = self.evicted.notified() => return,
            }
            if self.idle_since().is_some_and(|since| since.elapsed() >= limit) {
                return;
            }
        }
    }

    fn idle_since(&self) -> Option<Instant> {
        match self.state().activity {
            Activity::Idle { since } => Some(since),
            Activity::ReceivingBody { .. } | Activity::Answering => None,
        }
    }
}

impl Drop for InFlightRequest {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.activity = Activity::Idle { since: Instant::now() };
        state.has_answered = true;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::thread::sleep;

    use tokio::time::timeout;

    use super::*;
    use crate::net::slots::Slots;

    const MOMENT: Duration = Duration::from_millis(100);

    async fn connection() -> Arc<Connection> {
        let slot = Slots::new(1).acquire_regular(MOMENT).await.unwrap();
        Arc::new(Connection::new(Ipv4Addr::LOCALHOST.into(), slot))
    }

    #[tokio::test]
    async fn an_idle_connection_times_out_and_a_busy_one_does_not() {
        let (idle, busy) = (connection().await, connection().await);
        let request = busy.begin_request();
        let start = Instant::now();
        idle.idle_timeout(MOMENT).await;
        assert!(start.elapsed() >= MOMENT);
        assert!(timeout(2 * MOMENT, busy.idle_timeout(MOMENT)).await.is_err());
        drop(request);
        assert!(timeout(100 * MOMENT, busy.idle_timeout(MOMENT)).await.is_ok());
    }

    #[tokio::test]
    async fn an_evicted_connection_ends_at_once() {
        let connection = connection().await;
        connection.evict();
        let long = Duration::from_mins(1);
        assert!(timeout(100 * MOMENT, connection.idle_timeout(long)).await.is_ok());
    }

    #[tokio::test]
    async fn a_connection_may_be_evicted_while_it_waits_for_its_client_and_not_while_it_answers() {
        let connection = connection().await;
        assert_eq!(connection.eviction_rank(false, Instant::now()), None, "it is too young");
        let request = connection.begin_request();
        connection.begin_body();
        sleep(MIN_WAITING_TIME);
        assert!(connection.eviction_rank(false, Instant::now()).is_some());
        connection.end_body();
        assert_eq!(connection.eviction_rank(false, Instant::now()), None);
        drop(request);
        connection.end_body();
        sleep(MIN_IDLE_TIME);
        assert!(connection.eviction_rank(false, Instant::now()).is_some());
    }

    #[tokio::test]
    async fn slow_bodies_are_evicted_before_fast_ones_and_known_clients_last() {
        let (slow, fast, known) = (connection().await, connection().await, connection().await);
        drop(known.begin_request());
        let _requests = [slow.begin_request(), fast.begin_request()];
        for (connection, length) in [(&slow, 1), (&fast, 100_000)] {
            connection.begin_body();
            connection.count_body(length);
        }
        sleep(MIN_IDLE_TIME);
        let [slow, fast, known] =
            [slow, fast, known].map(|one| one.eviction_rank(false, Instant::now()).unwrap());
        assert!(slow < fast && fast < known, "{slow:?} {fast:?} {known:?}");
    }
}
