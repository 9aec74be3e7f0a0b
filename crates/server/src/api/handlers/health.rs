//! Whether the server lives, and whether it takes work.

use std::sync::Arc;

use axum::extract::State;

use crate::application::Application;
use crate::problem::{Problem, ProblemDetails};

/// Tell that the server lives
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn is_alive() -> &'static str {
    "ok"
}

/// Tell whether the server takes work
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 503, description = "It is ending, or a model has failed", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn is_ready(
    State(application): State<Arc<Application>>,
) -> Result<&'static str, Problem> {
    if application.is_ready() {
        Ok("ok")
    } else {
        Err(Problem::busy("the server is ending, or a model has failed"))
    }
}
