//! Refuses requests, except health checks, on connections beyond the maximum number.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::middleware::Next;
use axum::response::Response;

use crate::net::admission::{admit, is_health_check};
use crate::net::connection_table::ConnectionGuard;
use crate::problem::Problem;

/// Answers health checks on any connection, and other requests only with a regular slot.
///
/// # Errors
///
/// 503 if there is none.
pub async fn require_slot(request: Request, next: Next) -> Result<Response, Problem> {
    // Every connection adds itself to its requests.
    let guard = request.extensions().get::<Arc<ConnectionGuard>>().cloned();
    let Some(guard) = guard else { return Err(Problem::internal()) };
    if !is_health_check(request.uri().path()) {
        admit(&guard).await?;
        return Ok(next.run(request).await);
    }
    let mut response = next.run(request).await;
    if guard.connection().is_reserved() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
