//! The API's routes: the handler of each path.

use std::sync::Arc;

use axum::routing::{MethodRouter, get, post};
use tower_http::compression::CompressionLayer;

use crate::api::handlers::{confusion_matrix, health, metrics, models, predict, read};
use crate::api::openapi;
use crate::state::ServerState;

type MethodRoute = MethodRouter<Arc<ServerState>>;

/// All routes of the API. Those for a model exist twice: for the first model, and by the model's
/// name.
pub fn api_routes() -> Vec<(String, MethodRoute)> {
    // Answers about pictures are small and frequent: compressing them would cost more time than it
    // saves.
    let compressed = |route: MethodRoute| route.layer(CompressionLayer::new());
    let mut routes: Vec<(String, MethodRoute)> = vec![
        ("/healthz".to_owned(), get(health::is_alive)),
        ("/readyz".to_owned(), get(health::is_ready)),
        ("/metrics".to_owned(), compressed(get(metrics::metrics))),
        ("/api/openapi.json".to_owned(), compressed(get(openapi::description))),
        ("/api/models".to_owned(), get(models::models)),
    ];
    for root in ["/api", openapi::NAMED_PREFIX] {
        routes.push((format!("{root}/model"), get(models::model)));
        routes.push((format!("{root}/predict"), post(predict::predict)));
        routes.push((format!("{root}/read"), post(read::read)));
        routes.push((
            format!("{root}/confusion_matrix.png"),
            get(confusion_matrix::confusion_matrix),
        ));
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_no_other() {
        let description = openapi::describe();
        let mut described: Vec<&String> = description.paths.paths.keys().collect();
        let routes = api_routes();
        let mut routes: Vec<&String> = routes.iter().map(|(path, _)| path).collect();
        described.sort();
        routes.sort();
        assert_eq!(described, routes);
    }
}
