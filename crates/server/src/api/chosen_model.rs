//! Extracts the model that a request's path names.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::inference::served_model::ServedModel;
use crate::problem::Problem;
use crate::state::ServerState;

/// The model named in `/api/models/{name}/…`, or the first one.
pub struct ChosenModel(pub Arc<ServedModel>);

impl FromRequestParts<Arc<ServerState>> for ChosenModel {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<ServerState>,
    ) -> Result<Self, Problem> {
        let path = RawPathParams::from_request_parts(parts, state).await;
        let path = path.map_err(|error| Problem::not_found(error.body_text()))?;
        let name = path.iter().find(|(key, _)| *key == "name").map(|(_, name)| name);
        state.model(name).map(Self)
    }
}
