//! Serves one connection, within the limits of headers and time.

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

use crate::net::limits::{FAREWELL, HEAD_BYTES, LINGER};
use crate::net::visit::Visit;

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Serves requests until the client goes, is idle for longer than `patience`, or the server ends.
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    visit: Arc<Visit>,
    patience: Duration,
    mut ending: watch::Receiver<bool>,
) {
    let worker = Arc::clone(&visit);
    let service = service_fn(move |request: Request<Incoming>| -> Answer {
        let (router, work) = (router.clone(), worker.start_work());
        Box::pin(async move {
            let answer = router.oneshot(request.map(Body::new)).await;
            drop(work);
            answer
        })
    });
    let mut connection = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    // Covers slow headers, too: until they are complete, no request is being worked on.
    let mut outstay = pin!(visit.outstay(patience));
    let mut is_ending = false;
    let end = loop {
        tokio::select! {
            end = poll_fn(|context| connection.poll_without_shutdown(context)) => break end,
            // Dropped in the middle of whatever it was about.
            () = &mut outstay => return,
            _ = ending.changed(), if !is_ending => {
                is_ending = true;
                Pin::new(&mut connection).graceful_shutdown();
                // That waits for the first request of a connection, however long it takes to come.
                outstay.set(visit.outstay(FAREWELL));
            }
        }
    };
    if let Err(error) = &end {
        tracing::debug!(%error, "a connection broke off");
    }
    let _ = timeout(LINGER, linger(connection.into_parts().io.into_inner())).await;
}

/// Closes our side, and reads what the client still sends: else the system would tell it that the
/// connection was reset, and it might never see the answer, such as that its body is too large.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut ignored = [0; 4096];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}
