//! The served models.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::chosen_model::ChosenModel;
use crate::inference::model_card::PublicCard;
use crate::problem::{Problem, ProblemDetails};
use crate::state::ServerState;

/// All served models.
#[derive(Serialize, ToSchema)]
pub struct Models {
    /// The first one is used by routes without a model name.
    models: Vec<PublicCard>,
}

/// List the models
#[utoipa::path(get, path = "/api/models", responses((status = 200, body = Models)))]
pub async fn models(State(state): State<Arc<ServerState>>) -> Json<Models> {
    let models = state.models.iter().map(|slot| slot.current().card.clone()).collect();
    Json(Models { models })
}

/// Describe a model
#[utoipa::path(
    get,
    path = "/api/model",
    responses(
        (status = 200, body = PublicCard),
        (status = 404, description = "No such model", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn model(ChosenModel(model): ChosenModel) -> Result<Json<PublicCard>, Problem> {
    Ok(Json(model.card.clone()))
}
