//! Logs and counts every request.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::middleware::request_id::REQUEST_ID;
use crate::net::connection_table::ConnectionGuard;
use crate::state::ServerState;

/// The route of requests that match none.
const NO_ROUTE: &str = "none";

/// Maximum length of a path in the log, in characters.
const MAX_PATH: usize = 200;

/// Logs a request's client, method, path, status and time, and counts it by route and status.
pub async fn log_request(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(MAX_PATH).collect();
    let client = client(&state, &request);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request_id(request.headers());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration = start.elapsed();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    state.metrics.count_request(route, status, duration);
    let milliseconds = (duration.as_secs_f64() * 1e6).round() / 1e3;
    tracing::info!(client, %method, path, status, milliseconds, request_id = id, "request");
    response
}

/// The address of the client; empty if no connection has added itself to the request.
fn client(state: &ServerState, request: &Request) -> String {
    let guard = request.extensions().get::<Arc<ConnectionGuard>>();
    let peer = guard.map(|guard| guard.connection().peer());
    let address = peer.map(|peer| state.access.client_address(peer, request.headers()));
    address.map(|address| address.to_string()).unwrap_or_default()
}

fn request_id(headers: &HeaderMap) -> String {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    id.unwrap_or_default().to_owned()
}
