//! The description of the API for tools, in `OpenAPI` 3.1.

use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Object, Required, Type};

use crate::api::{handlers, kserve};

/// Prefix of the routes for a model by name.
pub const NAMED_PREFIX: &str = "/api/models/{name}";

/// Name of the scheme by which clients send tokens.
const TOKEN_SCHEME: &str = "token";

/// Prefix of the same routes for the first model.
const DEFAULT_PREFIX: &str = "/api/";

/// All routes but those for a model by name.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Glyph",
        description = "Classifies pictures of single characters, and reads lines of digits."
    ),
    paths(
        handlers::health::is_alive,
        handlers::health::is_ready,
        handlers::metrics::metrics,
        handlers::models::models,
        handlers::models::model,
        handlers::predict::predict,
        handlers::read::read,
        handlers::confusion_matrix::confusion_matrix,
        description,
        kserve::metadata::server,
        kserve::health::is_live,
        kserve::health::is_ready,
        kserve::metadata::model,
        kserve::health::is_model_ready,
        kserve::infer::infer,
    )
)]
struct Description;

/// Describe the API
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
pub async fn description() -> Json<utoipa::openapi::OpenApi> {
    Json(describe())
}

/// Describes all routes.
pub fn describe() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    // By default, tags are the names of modules.
    for item in description.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            operation.tags = None;
        }
    }
    // Optional: without a file of tokens, none is required.
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    description.components.get_or_insert_default().add_security_scheme(TOKEN_SCHEME, scheme);
    let token = SecurityRequirement::new(TOKEN_SCHEME, [""; 0]);
    description.security = Some(vec![SecurityRequirement::default(), token]);
    let model_actions = ["model", "predict", "read", "confusion_matrix.png"];
    for action in model_actions {
        let Some(first) = description.paths.paths.get(&format!("{DEFAULT_PREFIX}{action}")) else {
            continue;
        };
        let named = with_name(first.clone());
        description.paths.paths.insert(format!("{NAMED_PREFIX}/{action}"), named);
    }
    description
}

/// The same operations for a model that the path names.
fn with_name(mut item: PathItem) -> PathItem {
    let name = ParameterBuilder::new()
        .name("name")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The model's name"))
        .schema(Some(Object::with_type(Type::String)))
        .build();
    for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
        operation.operation_id = operation.operation_id.take().map(|id| format!("named_{id}"));
        operation.parameters.get_or_insert_default().push(name.clone());
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_ids_are_unique() {
        let description = serde_json::to_value(describe()).unwrap();
        let mut names = Vec::new();
        for operations in description["paths"].as_object().unwrap().values() {
            for operation in operations.as_object().unwrap().values() {
                names.push(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!((names.len(), count), (19, 19));
    }
}
