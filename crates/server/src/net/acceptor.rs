//! Accepts connections, up to a maximum number at the same time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::net::connection_table::ConnectionTable;
use crate::net::limits::SHUTDOWN_GRACE;
use crate::net::serve_connection::serve_connection;

/// Pause after an error of `accept`, for example when the process has no file descriptors left.
const ACCEPT_RETRY_INTERVAL: Duration = Duration::from_millis(100);
/// How often a new connection that waits for a permit tries to evict an idle one.
const EVICT_RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Accepts connections and starts a task for each.
#[derive(Debug)]
pub struct Acceptor {
    router: Router,
    connections: Arc<ConnectionTable>,
    permits: Arc<Semaphore>,
    max_connections: u32,
    timeout: Duration,
}

impl Acceptor {
    /// `timeout` is how long a connection may be idle, and how long requests in progress may take at
    /// shutdown; `open` counts the open connections.
    pub fn new(router: Router, max_connections: u32, timeout: Duration, open: Gauge) -> Self {
        Self {
            router,
            connections: Arc::new(ConnectionTable::new(open)),
            permits: Arc::new(Semaphore::new(max_connections as usize)),
            max_connections,
            timeout,
        }
    }

    /// Serves until `shutdown` changes; then accepts no more connections and waits for the requests
    /// in progress.
    pub async fn run(self, listener: TcpListener, mut shutdown: watch::Receiver<bool>) {
        // The connections hear of the shutdown only when the listener is closed: a client whose
        // connection closes must not be accepted again.
        let (close, closing) = watch::channel(false);
        loop {
            let accepted = async {
                let stream = accept(&listener).await;
                (stream, self.acquire_permit().await)
            };
            let (stream, permit) = tokio::select! {
                biased;
                _ = shutdown.changed() => break,
                accepted = accepted => accepted,
            };
            self.spawn(stream, permit, closing.clone());
        }
        drop(listener);
        close.send_replace(true);
        // All permits are free when all connections are closed. Every request has a deadline.
        let grace = self.timeout + SHUTDOWN_GRACE;
        if timeout(grace, self.permits.acquire_many(self.max_connections)).await.is_err() {
            tracing::warn!("some clients did not read their responses in time");
        }
    }

    /// Waits for a permit, and evicts idle connections meanwhile.
    async fn acquire_permit(&self) -> OwnedSemaphorePermit {
        loop {
            let permit = Arc::clone(&self.permits).acquire_owned();
            if let Ok(Ok(permit)) = timeout(EVICT_RETRY_INTERVAL, permit).await {
                return permit;
            }
            self.connections.evict_idle();
        }
    }

    fn spawn(
        &self,
        stream: TcpStream,
        permit: OwnedSemaphorePermit,
        shutdown: watch::Receiver<bool>,
    ) {
        let (guard, router, idle_timeout) =
            (self.connections.insert(), self.router.clone(), self.timeout);
        tokio::spawn(async move {
            // Dropped after the guard, so that the table never holds more than the maximum.
            let _permit = permit;
            let guard = guard;
            let connection = Arc::clone(guard.connection());
            serve_connection(stream, router, connection, idle_timeout, shutdown).await;
        });
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Responses are small and written whole: Nagle's algorithm would only delay them.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_RETRY_INTERVAL).await;
            }
        }
    }
}
