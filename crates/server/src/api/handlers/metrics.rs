//! Metrics for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};

use crate::problem::Problem;
use crate::state::ServerState;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Get the server's metrics
#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = 200, body = String, content_type = "application/openmetrics-text"))
)]
pub async fn metrics(
    State(state): State<Arc<ServerState>>,
) -> Result<([(HeaderName, HeaderValue); 1], String), Problem> {
    let text = state.metrics.text(state.queue.depth());
    let text = text.map_err(|_| Problem::internal())?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], text))
}
