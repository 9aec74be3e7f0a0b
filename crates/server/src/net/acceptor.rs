//! Accepts connections, up to a maximum number at the same time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::net::connection_table::ConnectionTable;
use crate::net::descriptor_limit::limit_connections;
use crate::net::limits::ConnectionLimits;
use crate::net::serve_connection::serve_connection;
use crate::net::slots::{Slot, Slots};

/// Pause before the next attempt when a connection cannot be accepted, or all slots are in use.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Accepts connections and starts a task for each.
#[derive(Debug)]
pub struct Acceptor {
    router: Router,
    table: Arc<ConnectionTable>,
    limits: ConnectionLimits,
}

impl Acceptor {
    /// `open` counts the open connections.
    pub fn new(router: Router, limits: ConnectionLimits, open: Gauge) -> Self {
        let slots = Slots::new(limit_connections(limits.max_connections));
        let table = Arc::new(ConnectionTable::new(slots, open));
        Self { router, table, limits }
    }

    /// Serves until `shutdown` changes; then accepts no more connections and waits for the requests
    /// in progress, for as long as the limits say.
    pub async fn run(self, listener: TcpListener, mut shutdown: watch::Receiver<bool>) {
        // The connections hear of the shutdown only when the listener is closed: a client whose
        // connection closes must not be accepted again.
        let (close, closing) = watch::channel(false);
        loop {
            let accepted = async {
                let accepted = self.accept(&listener).await;
                (accepted, self.acquire_slot().await)
            };
            let ((stream, peer), slot) = tokio::select! {
                biased;
                _ = shutdown.changed() => break,
                accepted = accepted => accepted,
            };
            self.spawn(stream, peer, slot, closing.clone());
        }
        drop(listener);
        close.send_replace(true);
        let grace = self.limits.shutdown_grace;
        if timeout(grace, self.table.slots.all_released()).await.is_err() {
            let seconds = grace.as_secs();
            tracing::warn!(
                "requests are in progress {seconds} s after the signal, the limit of \
                 --shutdown-grace: their connections are closed"
            );
        }
    }

    /// The next connection and the other side's address.
    async fn accept(&self, listener: &TcpListener) -> (TcpStream, IpAddr) {
        let mut is_failing = false;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Responses are small and written whole: Nagle's algorithm would only delay them.
                    let _ = stream.set_nodelay(true);
                    return (stream, peer.ip().to_canonical());
                }
                Err(error) => {
                    if !is_failing {
                        tracing::warn!(%error, "cannot accept a connection");
                    }
                    is_failing = true;
                    // The process, or the system, may have no file descriptors left.
                    self.table.evict(false);
                    sleep(RETRY_INTERVAL).await;
                }
            }
        }
    }

    /// Waits for a slot, and evicts a connection if none is free: a regular one if possible, so that
    /// the new connection gets its slot. Otherwise, the new one gets a reserved slot, of which those
    /// are evicted that send no request.
    async fn acquire_slot(&self) -> Slot {
        let slots = &self.table.slots;
        loop {
            if (slots.has_regular() || self.table.evict(false))
                && let Some(slot) = slots.acquire_regular(RETRY_INTERVAL).await
            {
                return slot;
            }
            if let Some(slot) = slots.acquire(RETRY_INTERVAL).await {
                return slot;
            }
            self.table.evict(true);
        }
    }

    fn spawn(&self, stream: TcpStream, peer: IpAddr, slot: Slot, shutdown: watch::Receiver<bool>) {
        let guard = self.table.insert(peer, slot);
        let (router, idle_timeout) = (self.router.clone(), self.limits.idle_timeout);
        tokio::spawn(serve_connection(stream, router, guard, idle_timeout, shutdown));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::net::connection_table::ConnectionGuard;

    const LONG: Duration = Duration::from_mins(1);

    /// One that accepts a single connection, which has that slot and has been idle for long enough.
    async fn full() -> (Acceptor, ConnectionGuard) {
        let limits =
            ConnectionLimits { max_connections: 1, idle_timeout: LONG, shutdown_grace: LONG };
        let acceptor = Acceptor::new(Router::new(), limits, Gauge::default());
        let slot = acceptor.acquire_slot().await;
        let guard = acceptor.table.insert(Ipv4Addr::LOCALHOST.into(), slot);
        sleep(Duration::from_millis(100)).await;
        (acceptor, guard)
    }

    #[tokio::test]
    async fn a_new_connection_gets_the_slot_of_one_that_waits_for_its_client() {
        let (acceptor, waiting) = full().await;
        let closes = async move {
            waiting.connection().idle_timeout(LONG).await;
            drop(waiting);
        };
        let (slot, ()) = tokio::join!(acceptor.acquire_slot(), closes);
        assert!(matches!(slot, Slot::Regular(_)));
    }

    #[tokio::test]
    async fn a_new_connection_gets_a_reserved_slot_while_all_others_are_answered() {
        let (acceptor, busy) = full().await;
        let _request = busy.connection().begin_request();
        assert!(matches!(acceptor.acquire_slot().await, Slot::Reserved(_)));
    }
}
