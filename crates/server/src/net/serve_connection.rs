//! Serves one connection, within the limits on headers and time.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::net::connection_table::ConnectionGuard;
use crate::net::limits::{IDLE_SHUTDOWN_GRACE, LINGER_TIMEOUT, MAX_HEAD_BYTES};
use crate::net::metered_body::MeteredBody;

type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Serves the requests on the connection of `guard` until the client disconnects, the connection is idle for `idle_timeout` or
/// evicted, or the server shuts down.
pub async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    guard: ConnectionGuard,
    idle_timeout: Duration,
    mut shutdown: watch::Receiver<bool>,
) {
    let guard = Arc::new(guard);
    let connection = Arc::clone(guard.connection());
    let of_request = Arc::clone(&guard);
    let service = service_fn(move |mut request: Request<Incoming>| -> ResponseFuture {
        let (router, connection) = (router.clone(), of_request.connection());
        let in_flight = connection.begin_request();
        request.extensions_mut().insert(Arc::clone(&of_request));
        let connection = Arc::clone(connection);
        let request = request.map(|body| Body::new(MeteredBody::new(body, connection)));
        Box::pin(async move {
            let response = router.oneshot(request).await;
            drop(in_flight);
            response
        })
    });
    let mut http = http1::Builder::new()
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    // This covers slow headers, too: a request is in progress only once they are complete.
    let mut idle = pin!(connection.idle_timeout(idle_timeout));
    let mut is_shutting_down = false;
    let result = loop {
        tokio::select! {
            result = poll_fn(|context| http.poll_without_shutdown(context)) => break result,
            // Drops the connection in whatever state it is.
            () = &mut idle => return,
            _ = shutdown.changed(), if !is_shutting_down => {
                is_shutting_down = true;
                Pin::new(&mut http).graceful_shutdown();
                // It waits for a connection's first request, however long that takes to arrive.
                idle.set(connection.idle_timeout(IDLE_SHUTDOWN_GRACE));
            }
        }
    };
    if let Err(error) = &result {
        tracing::debug!(%error, "connection failed");
    }
    let _ = timeout(LINGER_TIMEOUT, linger(http.into_parts().io.into_inner())).await;
}

/// Closes the sending side and reads what the client still sends. Without this, the system would
/// reset the connection, and the client might never see the response, for example that its body is
/// too large.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut ignored = [0; 4096];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}
