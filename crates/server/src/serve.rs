//! The server from its start to its end.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use model::open_device;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::application::Application;
use crate::net::{listener, shutdown};
use crate::options::Arguments;
use crate::{console, router};

/// Loads the models, serves until a signal comes, and finishes what it took.
pub fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let device = open_device(arguments.compute.device.as_deref(), arguments.compute.kernels)?;
    let application = Arc::new(Application::start(arguments, &device)?);
    let runtime = Runtime::new().context("cannot start the threads that serve")?;
    let served = runtime.block_on(run(arguments, application));
    // A client that does not take its answer must not keep the program.
    runtime.shutdown_timeout(Duration::ZERO);
    served
}

async fn run(arguments: &Arguments, application: Arc<Application>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(arguments.bind).await.with_context(|| {
        format!("cannot listen on {}: choose another address with --bind", arguments.bind)
    })?;
    let address = listener.local_addr().context("the socket has no address")?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "other machines can reach this server");
    }
    let (end, ending) = watch::channel(false);
    let router = router::router(Arc::clone(&application));
    let max_connections = arguments.limits.max_connections;
    let serving = tokio::spawn(listener::listen(
        listener,
        router,
        application.limits,
        max_connections,
        application.metrics.connections().clone(),
        ending,
    ));
    console::print_address(&url(address));

    shutdown::requested().await.context("cannot wait for signals")?;
    tracing::info!("ending: finishing what was taken");
    application.queue.close();
    end.send_replace(true);
    tokio::select! {
        served = serving => served.context("the listener failed"),
        _ = shutdown::requested() => Err(anyhow!("ended at once by a second signal")),
    }
}

/// What to open in a browser on this machine.
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
    fn the_address_can_be_opened_on_this_machine() {
        for (bound, shown) in [
            ("127.0.0.1:80", "http://127.0.0.1:80"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(url(bound.parse().unwrap()), shown);
        }
    }
}
