//! Logs and counts every request.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::state::ServerState;

/// The header that identifies a request in the log.
pub const REQUEST_ID: &str = "x-request-id";

/// The route of requests that match none.
const NO_ROUTE: &str = "none";

/// Logs a request's method, path, status and time, and counts it by route and status.
pub async fn log_request(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request_id(request.headers());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration = start.elapsed();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    state.metrics.count_request(route, status, duration);
    let milliseconds = (duration.as_secs_f64() * 1e6).round() / 1e3;
    tracing::info!(%method, path, status, milliseconds, request_id = id, "request");
    response
}

fn request_id(headers: &HeaderMap) -> String {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    id.unwrap_or_default().to_owned()
}
