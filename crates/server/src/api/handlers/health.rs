//! Liveness and readiness, for load balancers and orchestrators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::problem::{Problem, ProblemDetails};
use crate::state::ServerState;

/// Check that the server works
#[utoipa::path(
    get,
    path = "/healthz",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 500, description = "A model has failed: restart the server", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn is_alive(State(state): State<Arc<ServerState>>) -> Result<&'static str, Problem> {
    match state.failed_model() {
        None => Ok("ok"),
        Some(name) => Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the model {name:?} has failed: see the server's log, and restart it"),
        )),
    }
}

/// Check that the server accepts work
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 503, description = "It is shutting down, or a model has failed", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn is_ready(State(state): State<Arc<ServerState>>) -> Result<&'static str, Problem> {
    if state.is_ready() {
        Ok("ok")
    } else {
        Err(Problem::busy("the server is shutting down, or a model has failed"))
    }
}
