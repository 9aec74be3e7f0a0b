//! Takes connections, but only so many at the same time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::net::connection;
use crate::net::limits::{FAREWELL, Limits};
use crate::net::visit::Visits;

/// Pause after the system could not give a connection, for instance for want of file descriptors.
const RECOVERY: Duration = Duration::from_millis(100);
/// How often a new connection that waits for a place asks an idle one to go.
const INSISTENCE: Duration = Duration::from_millis(10);

/// Connections and their places.
struct Door {
    places: Arc<Semaphore>,
    visits: Arc<Visits>,
    router: Router,
    timeout: Duration,
    open: Gauge,
}

/// Serves until `ending` changes; then takes no more connections and waits for the requests that
/// are being worked on.
pub async fn listen(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    max_connections: u32,
    open: Gauge,
    mut ending: watch::Receiver<bool>,
) {
    let door = Door {
        places: Arc::new(Semaphore::new(max_connections as usize)),
        visits: Arc::default(),
        router,
        timeout: limits.timeout,
        open,
    };
    let mut number = 0;
    loop {
        let welcome = async {
            let stream = accept(&listener).await;
            (stream, door.place().await)
        };
        let (stream, place) = tokio::select! {
            biased;
            _ = ending.changed() => break,
            welcome = welcome => welcome,
        };
        number += 1;
        door.open(number, stream, place, ending.clone());
    }
    drop(listener);
    // All places free: all connections closed. Whatever is worked on has an end by its own deadline.
    let farewell = door.timeout + FAREWELL;
    if timeout(farewell, door.places.acquire_many(max_connections)).await.is_err() {
        tracing::warn!("some clients did not take their answers in time");
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and complete: waiting for more would only delay them.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(RECOVERY).await;
            }
        }
    }
}

impl Door {
    /// A place, for which an idle connection may have to go.
    async fn place(&self) -> OwnedSemaphorePermit {
        loop {
            let place = Arc::clone(&self.places).acquire_owned();
            if let Ok(Ok(place)) = timeout(INSISTENCE, place).await {
                return place;
            }
            self.visits.dismiss_one();
        }
    }

    fn open(
        &self,
        number: u64,
        stream: TcpStream,
        place: OwnedSemaphorePermit,
        ending: watch::Receiver<bool>,
    ) {
        let visit = self.visits.enter(number);
        let (router, patience) = (self.router.clone(), self.timeout);
        let open = self.open.clone();
        open.inc();
        let guest = Guest { number, visits: Arc::clone(&self.visits), open, _place: place };
        tokio::spawn(async move {
            connection::serve(stream, router, visit, patience, ending).await;
            drop(guest);
        });
    }
}

/// Leaves when dropped, also by a panic.
struct Guest {
    number: u64,
    visits: Arc<Visits>,
    open: Gauge,
    _place: OwnedSemaphorePermit,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.open.dec();
        self.visits.leave(self.number);
    }
}
