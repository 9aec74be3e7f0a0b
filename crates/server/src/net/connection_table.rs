//! The open connections, and how long each has been idle.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;

/// A connection that has been idle for less time is not evicted: even a busy client pauses between
/// two requests.
const MIN_IDLE_TIME: Duration = Duration::from_secs(1);

/// All open connections.
#[derive(Debug)]
pub struct ConnectionTable {
    connections: Mutex<BTreeMap<u64, Arc<Connection>>>,
    next_id: AtomicU64,
    /// Number of open connections, for Prometheus.
    open: Gauge,
}

/// The state of one connection that decides when it is closed.
#[derive(Debug)]
pub struct Connection {
    /// When the last request ended; `None` while one is in progress.
    idle_since: Mutex<Option<Instant>>,
    evicted: Notify,
}

/// An entry in the table; removed when dropped, also by a panic.
#[derive(Debug)]
pub struct ConnectionGuard {
    id: u64,
    connection: Arc<Connection>,
    table: Arc<ConnectionTable>,
}

/// A request in progress; its connection is idle again when it is dropped.
#[derive(Debug)]
pub struct InFlightRequest(Arc<Connection>);

impl ConnectionTable {
    /// An empty table that counts its connections in `open`.
    pub fn new(open: Gauge) -> Self {
        Self { connections: Mutex::default(), next_id: AtomicU64::new(0), open }
    }

    /// Adds a connection, idle from now on.
    pub fn insert(self: &Arc<Self>) -> ConnectionGuard {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection::new());
        lock(&self.connections).insert(id, Arc::clone(&connection));
        self.open.inc();
        ConnectionGuard { id, connection, table: Arc::clone(self) }
    }

    /// Closes the connection that has been idle for longest, if any has been idle long enough.
    pub fn evict_idle(&self) {
        let mut connections = lock(&self.connections);
        let idle =
            connections.iter().filter_map(|(id, connection)| Some((connection.idle_since()?, *id)));
        let longest = idle.min().filter(|(since, _)| since.elapsed() >= MIN_IDLE_TIME);
        if let Some(connection) = longest.and_then(|(_, id)| connections.remove(&id)) {
            connection.evict();
        }
    }
}

impl Connection {
    fn new() -> Self {
        Self { idle_since: Mutex::new(Some(Instant::now())), evicted: Notify::new() }
    }

    fn idle_since(&self) -> Option<Instant> {
        *lock(&self.idle_since)
    }

    fn evict(&self) {
        self.evicted.notify_one();
    }

    /// Marks the connection as busy.
    pub fn begin_request(self: &Arc<Self>) -> InFlightRequest {
        *lock(&self.idle_since) = None;
        InFlightRequest(Arc::clone(self))
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
}

impl ConnectionGuard {
    /// The connection's state.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.table.open.dec();
        lock(&self.table.connections).remove(&self.id);
    }
}

impl Drop for InFlightRequest {
    fn drop(&mut self) {
        *lock(&self.0.idle_since) = Some(Instant::now());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(100);

    fn connections<const N: usize>() -> (Arc<ConnectionTable>, [ConnectionGuard; N]) {
        let table = Arc::new(ConnectionTable::new(Gauge::default()));
        let guards = std::array::from_fn(|_| table.insert());
        (table, guards)
    }

    #[tokio::test]
    async fn an_idle_connection_times_out_and_a_busy_one_does_not() {
        let (_table, [idle, busy]) = connections();
        let (idle, busy) = (idle.connection(), busy.connection());
        let request = busy.begin_request();
        let start = Instant::now();
        idle.idle_timeout(MOMENT).await;
        assert!(start.elapsed() >= MOMENT);
        assert!(timeout(2 * MOMENT, busy.idle_timeout(MOMENT)).await.is_err());
        drop(request);
        assert!(timeout(100 * MOMENT, busy.idle_timeout(MOMENT)).await.is_ok());
    }

    #[tokio::test]
    async fn the_connection_that_is_idle_for_longest_is_evicted() {
        let (table, [busy, old, young]) = connections();
        let _request = busy.connection().begin_request();
        let past = Instant::now().checked_sub(2 * MIN_IDLE_TIME).unwrap();
        *lock(&old.connection().idle_since) = Some(past);
        table.evict_idle();
        let long = Duration::from_mins(1);
        assert!(timeout(MOMENT, old.connection().idle_timeout(long)).await.is_ok());
        // The others are busy, or have only just become idle.
        table.evict_idle();
        assert!(timeout(MOMENT, busy.connection().idle_timeout(long)).await.is_err());
        assert!(timeout(MOMENT, young.connection().idle_timeout(long)).await.is_err());
    }

    #[test]
    fn open_connections_are_counted_until_they_close() {
        let (table, [one, two]) = connections();
        assert_eq!(table.open.get(), 2);
        drop((one, two));
        assert_eq!((table.open.get(), lock(&table.connections).len()), (0, 0));
    }
}
