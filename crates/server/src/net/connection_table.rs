//! The open connections.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Semaphore;

use crate::net::connection::Connection;
use crate::net::slots::{RESERVED_SLOTS, Slot, Slots};

/// Maximum number of requests in reserved slots that wait for a regular one. The others are for
/// health checks.
const MAX_WAITING_REQUESTS: usize = RESERVED_SLOTS as usize / 2;

/// All open connections.
#[derive(Debug)]
pub struct ConnectionTable {
    /// How many there may be.
    pub slots: Slots,
    /// Requests in reserved slots that wait for a regular one.
    pub waiting: Semaphore,
    connections: Mutex<BTreeMap<u64, Arc<Connection>>>,
    next_id: AtomicU64,
    /// Number of open connections, for Prometheus.
    open: Gauge,
}

/// An entry in the table; removed when dropped, also by a panic.
#[derive(Debug)]
pub struct ConnectionGuard {
    id: u64,
    connection: Arc<Connection>,
    table: Arc<ConnectionTable>,
}

impl ConnectionTable {
    /// An empty table that counts its connections in `open`.
    pub fn new(slots: Slots, open: Gauge) -> Self {
        Self {
            slots,
            waiting: Semaphore::new(MAX_WAITING_REQUESTS),
            connections: Mutex::default(),
            next_id: AtomicU64::new(0),
            open,
        }
    }

    /// Adds a connection, idle from now on.
    pub fn insert(self: &Arc<Self>, peer: IpAddr, slot: Slot) -> ConnectionGuard {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection::new(peer, slot));
        self.lock().insert(id, Arc::clone(&connection));
        self.open.inc();
        ConnectionGuard { id, connection, table: Arc::clone(self) }
    }

    /// Closes the connection that waits most needlessly for its client, among those in reserved
    /// slots or among the others, and returns whether there is one. Connections with a request in
    /// progress stay open.
    pub fn evict(&self, is_reserved: bool) -> bool {
        let mut connections = self.lock();
        let now = Instant::now();
        let candidates = connections.iter().filter_map(|(id, connection)| {
            Some((connection.eviction_rank(is_reserved, now)?, *id))
        });
        let evicted = candidates.min().and_then(|(_, id)| connections.remove(&id));
        if let Some(connection) = &evicted {
            connection.evict();
        }
        evicted.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Connection>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionGuard {
    /// The connection's state.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// The table that has the connection.
    pub fn table(&self) -> &ConnectionTable {
        &self.table
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.table.open.dec();
        self.table.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    fn table() -> Arc<ConnectionTable> {
        Arc::new(ConnectionTable::new(Slots::new(2), Gauge::default()))
    }

    async fn insert(table: &Arc<ConnectionTable>) -> ConnectionGuard {
        let slot = table.slots.acquire(Duration::from_secs(1)).await;
        table.insert(Ipv4Addr::LOCALHOST.into(), slot.unwrap())
    }

    async fn is_evicted(guard: &ConnectionGuard) -> bool {
        let ends = guard.connection().idle_timeout(Duration::from_mins(1));
        timeout(Duration::from_millis(50), ends).await.is_ok()
    }

    #[tokio::test]
    async fn the_connection_that_waits_for_longest_is_evicted() {
        let table = table();
        let (old, busy, reserved) =
            (insert(&table).await, insert(&table).await, insert(&table).await);
        let _request = busy.connection().begin_request();
        sleep(Duration::from_millis(300)).await;
        table.evict(false);
        assert!(is_evicted(&old).await);
        table.evict(false);
        assert!(!is_evicted(&busy).await && !is_evicted(&reserved).await);
        table.evict(true);
        assert!(is_evicted(&reserved).await);
    }

    #[tokio::test]
    async fn open_connections_are_counted_until_they_close() {
        let table = table();
        let (one, two) = (insert(&table).await, insert(&table).await);
        assert_eq!(table.open.get(), 2);
        drop((one, two));
        assert_eq!((table.open.get(), table.lock().len()), (0, 0));
    }
}
