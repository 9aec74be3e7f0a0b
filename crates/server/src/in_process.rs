//! The server without a network: tests send any bytes to it in their own process.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use model::{Compute, ModelFiles};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::net::connection_table::ConnectionTable;
use crate::net::serve_connection::serve_connection;
use crate::net::slots::Slots;
use crate::options::ServeOptions;
use crate::router::{Routes, router};
use crate::state::ServerState;

/// A server whose connections are streams in this process.
pub struct InProcessServer {
    state: Arc<ServerState>,
    router: Router,
    connections: Arc<ConnectionTable>,
}

impl InProcessServer {
    /// Loads the models and starts the threads for inference, as [`Server::start`](crate::Server::start) does.
    ///
    /// # Errors
    ///
    /// As [`Server::start`](crate::Server::start), without those of listening.
    pub fn start(
        options: &ServeOptions,
        models: &[ModelFiles],
        compute: Compute,
    ) -> anyhow::Result<Self> {
        let state = Arc::new(ServerState::start(options, models, compute)?);
        let router = router(&state, Routes::All);
        let slots = Slots::new(options.limits.max_connections);
        let connections =
            Arc::new(ConnectionTable::new(slots, state.metrics.connections().clone()));
        Ok(Self { state, router, connections })
    }

    /// Serves one connection until either side closes it, or not at all if too many are open.
    pub async fn serve_connection(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let (_sender, shutdown) = watch::channel(false);
        let idle_timeout = self.state.limits.timeout;
        let slot = self.connections.slots.acquire(idle_timeout).await;
        let Some(slot) = slot else { return };
        let guard = self.connections.insert(Ipv4Addr::LOCALHOST.into(), slot);
        serve_connection(stream, self.router.clone(), guard, idle_timeout, shutdown).await;
    }
}
