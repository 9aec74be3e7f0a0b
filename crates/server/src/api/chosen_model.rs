//! The model that a request's path names.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::application::Application;
use crate::inference::served_model::ServedModel;
use crate::problem::Problem;

/// The model named in `/api/models/{name}/…`, or the first one.
pub struct ChosenModel(pub Arc<ServedModel>);

impl FromRequestParts<Arc<Application>> for ChosenModel {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        application: &Arc<Application>,
    ) -> Result<Self, Problem> {
        let path = RawPathParams::from_request_parts(parts, application).await;
        let path = path.map_err(|error| Problem::not_found(error.body_text()))?;
        let name = path.iter().find(|(key, _)| *key == "name").map(|(_, name)| name);
        application.model(name).map(|model| Self(Arc::clone(model)))
    }
}
