//! The API's description, for programs.

use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::{Object, Required, Type};

use crate::api::handlers;

/// What stands before the routes of a model, where it is named.
pub const NAMED: &str = "/api/models/{name}";

/// What stands before them, where it is not.
const FIRST: &str = "/api/";

/// The routes that ask the first model.
#[derive(OpenApi)]
#[openapi(
    info(title = "Glyph", description = "Tells what pictures show."),
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

/// All routes, those for one model with its name, too.
pub fn describe() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    // By default, the names of this program's modules.
    for item in description.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            operation.tags = None;
        }
    }
    let of_first_model = ["model", "predict", "read", "confusion_matrix.png"];
    for action in of_first_model {
        let Some(first) = description.paths.paths.get(&format!("{FIRST}{action}")) else {
            continue;
        };
        let named = with_name(first.clone());
        description.paths.paths.insert(format!("{NAMED}/{action}"), named);
    }
    description
}

/// The same operations on a model that the path names.
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
    fn operations_have_names_of_their_own() {
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
        assert_eq!((names.len(), count), (13, 13));
    }
}
