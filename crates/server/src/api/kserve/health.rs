//! The protocol's routes for liveness and readiness.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::chosen_model::ChosenModel;
use crate::api::kserve::error::KserveError;
use crate::problem::Problem;
use crate::state::ServerState;

/// The server is running.
#[derive(Serialize, ToSchema)]
pub struct ServerLive {
    live: bool,
}

/// The server accepts work.
#[derive(Serialize, ToSchema)]
pub struct ServerReady {
    ready: bool,
}

/// A model accepts work.
#[derive(Serialize, ToSchema)]
pub struct ModelReady {
    name: String,
    ready: bool,
}

/// Check that the server is running (Open Inference Protocol)
#[utoipa::path(
    get,
    path = "/v2/health/live",
    operation_id = "kserve_live",
    responses((status = 200, body = ServerLive))
)]
pub async fn is_live() -> Json<ServerLive> {
    Json(ServerLive { live: true })
}

/// Check that the server accepts work (Open Inference Protocol)
#[utoipa::path(
    get,
    path = "/v2/health/ready",
    operation_id = "kserve_ready",
    responses(
        (status = 200, body = ServerReady),
        (status = 503, description = "It is shutting down, or a model has failed", body = KserveError),
    )
)]
pub async fn is_ready(State(state): State<Arc<ServerState>>) -> Result<Json<ServerReady>, Problem> {
    if state.is_ready() {
        Ok(Json(ServerReady { ready: true }))
    } else {
        Err(Problem::busy("the server is shutting down, or a model has failed"))
    }
}

/// Check that a model accepts work (Open Inference Protocol)
#[utoipa::path(
    get,
    path = "/v2/models/{name}/ready",
    operation_id = "kserve_model_ready",
    params(("name" = String, Path, description = "The model's name")),
    responses(
        (status = 200, body = ModelReady),
        (status = 404, description = "No such model", body = KserveError),
        (status = 503, description = "The model has failed, or the server is shutting down", body = KserveError),
    )
)]
pub async fn is_model_ready(
    State(state): State<Arc<ServerState>>,
    ChosenModel(model): ChosenModel,
) -> Result<Json<ModelReady>, Problem> {
    if state.is_ending() || !model.is_alive() {
        return Err(Problem::busy("the model has failed, or the server is shutting down"));
    }
    Ok(Json(ModelReady { name: model.card.name.clone(), ready: true }))
}
