//! The server's lifetime: start, serve, shut down.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use model::{Compute, ModelFiles};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::net::acceptor::Acceptor;
use crate::net::limits::ConnectionLimits;
use crate::net::reload_signal::ReloadSignal;
use crate::net::shutdown_signal::shutdown_signal;
use crate::options::ServeOptions;
use crate::reload::reload_when_asked;
use crate::router::{Routes, router};
use crate::state::ServerState;

/// Maximum number of open connections at the address for metrics and readiness.
const MAX_ADMIN_CONNECTIONS: u32 = 64;

/// A server that listens; connections wait until [`Server::run`] accepts them.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    admin: Option<TcpListener>,
    state: Arc<ServerState>,
    limits: ConnectionLimits,
    drain_delay: Duration,
    reload: ReloadSignal,
}

impl Server {
    /// Loads these models with `compute`, starts the threads for inference, and listens
    /// on the address in `options`. The first model is the default one. The models are those that
    /// [`ServeOptions::models`] names; the caller resolves the names.
    ///
    /// # Errors
    ///
    /// [`ModelNameError`](crate::ModelNameError), a usage error, if the models have no unique names;
    /// [`TokenStoreError`](crate::TokenStoreError), a usage error, if the file of tokens cannot be
    /// used; any other error if a model cannot be loaded, the address cannot be bound or a thread cannot be
    /// started.
    pub fn start(
        options: &ServeOptions,
        models: &[ModelFiles],
        compute: Compute,
    ) -> anyhow::Result<Self> {
        let state = Arc::new(ServerState::start(options, models, compute)?);
        let runtime = Runtime::new().context("cannot start the threads that serve connections")?;
        let listen = |address, option| {
            runtime.block_on(TcpListener::bind(address)).with_context(|| {
                format!("cannot listen on {address}: choose another address with {option}")
            })
        };
        let listener = listen(options.bind, "--bind")?;
        let admin =
            options.admin_bind.map(|address| listen(address, "--admin-bind")).transpose()?;
        if let Some(admin) = &admin {
            let address = admin.local_addr().context("the socket has no address")?;
            tracing::info!(%address, "metrics and readiness have this address");
        }
        let address = listener.local_addr().context("the socket has no address")?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "this server is reachable from other machines");
        }
        let reload = runtime.block_on(async { ReloadSignal::listen() });
        let reload = reload.context("cannot wait for signals")?;
        let limits = ConnectionLimits::new(options);
        let drain_delay = Duration::from_secs(options.shutdown.drain_delay);
        Ok(Self { runtime, listener, address, admin, state, limits, drain_delay, reload })
    }

    /// The URL of the page, to open in a browser on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// Serves until the process receives Ctrl-C or SIGTERM, and then completes the requests in
    /// progress. A second signal stops the server at once.
    ///
    /// # Errors
    ///
    /// If signals cannot be received, or a second one stops the server.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { runtime, listener, admin, state, limits, drain_delay, reload, .. } = self;
        runtime.spawn(reload_when_asked(Arc::clone(&state), reload));
        let result = runtime.block_on(serve(listener, admin, state, limits, drain_delay));
        // A client that does not read its response must not keep the process alive.
        runtime.shutdown_timeout(Duration::ZERO);
        result
    }
}

async fn serve(
    listener: TcpListener,
    admin: Option<TcpListener>,
    state: Arc<ServerState>,
    limits: ConnectionLimits,
    drain_delay: Duration,
) -> anyhow::Result<()> {
    let (shutdown, receiver) = watch::channel(false);
    let acceptor = |routes, limits| {
        let open = state.metrics.connections().clone();
        Acceptor::new(router(&state, routes), limits, open)
    };
    let routes = if admin.is_some() { Routes::Clients } else { Routes::All };
    let serving = tokio::spawn(acceptor(routes, limits).run(listener, receiver.clone()));
    if let Some(admin) = admin {
        let limits = ConnectionLimits { max_connections: MAX_ADMIN_CONNECTIONS, ..limits };
        tokio::spawn(acceptor(Routes::Operators, limits).run(admin, receiver));
    }

    shutdown_signal().await.context("cannot wait for signals")?;
    let ending = async {
        if !drain_delay.is_zero() {
            state.start_draining();
            let seconds = drain_delay.as_secs();
            tracing::info!(
                "draining: /readyz answers 503, and connections are accepted for {seconds} s"
            );
            sleep(drain_delay).await;
        }
        tracing::info!("shutting down: completing the requests in progress");
        state.queue.close();
        shutdown.send_replace(true);
        serving.await.context("the acceptor failed")
    };
    tokio::select! {
        result = ending => result,
        _ = shutdown_signal() => Err(anyhow!("stopped at once by a second signal")),
    }
}

/// The URL of `address` for a browser on this machine.
fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_can_be_opened_on_this_machine() {
        for (bound, shown) in [
            ("127.0.0.1:80", "http://127.0.0.1:80"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(url(bound.parse().unwrap()), shown);
        }
    }
}
