//! The server's lifetime: start, serve, shut down.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::console;
use crate::net::acceptor::Acceptor;
use crate::net::shutdown_signal::shutdown_signal;
use crate::options::Arguments;
use crate::router::router;
use crate::state::ServerState;

/// Loads the models, serves until a signal arrives, and completes the requests in progress.
pub fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let compute = arguments.compute.open()?;
    let state = Arc::new(ServerState::start(arguments, &compute)?);
    let runtime = Runtime::new().context("cannot start the threads that serve connections")?;
    let result = runtime.block_on(run(arguments, state));
    // A client that does not read its response must not keep the process alive.
    runtime.shutdown_timeout(Duration::ZERO);
    result
}

async fn run(arguments: &Arguments, state: Arc<ServerState>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(arguments.bind).await.with_context(|| {
        format!("cannot listen on {}: choose another address with --bind", arguments.bind)
    })?;
    let address = listener.local_addr().context("the socket has no address")?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "this server is reachable from other machines");
    }
    let (shutdown, receiver) = watch::channel(false);
    let acceptor = Acceptor::new(
        router(Arc::clone(&state)),
        arguments.limits.max_connections,
        state.limits.timeout,
        state.metrics.connections().clone(),
    );
    let serving = tokio::spawn(acceptor.run(listener, receiver));
    console::print_address(&url(address));

    shutdown_signal().await.context("cannot wait for signals")?;
    tracing::info!("shutting down: completing the requests in progress");
    state.queue.close();
    shutdown.send_replace(true);
    tokio::select! {
        result = serving => result.context("the acceptor failed"),
        _ = shutdown_signal() => Err(anyhow!("stopped at once by a second signal")),
    }
}

/// The URL to open in a browser on this machine.
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
