//! The API's routes: the handler of each path.

use std::sync::Arc;

use axum::routing::{MethodRouter, get, post};
use tower_http::compression::CompressionLayer;

use crate::api::handlers::{confusion_matrix, health, metrics, models, predict, read};
use crate::api::{kserve, openapi};
use crate::state::ServerState;

type MethodRoute = MethodRouter<Arc<ServerState>>;

/// A route of the API.
pub struct ApiRoute {
    pub path: String,
    pub handler: MethodRoute,
    /// Whether a token is required, if the server has a file of tokens.
    pub needs_token: bool,
    pub audience: Audience,
}

/// Whom a route is for, when clients and operators have different addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Clients,
    Operators,
    /// The page, too, asks whether the server is alive.
    Both,
}

/// All routes of the API. Those for a model exist twice: for the first model, and by the model's
/// name.
pub fn api_routes() -> Vec<ApiRoute> {
    // Answers about pictures are small and frequent: compressing them would cost more time than it
    // saves.
    let compressed = |route: MethodRoute| route.layer(CompressionLayer::new());
    let route = |path: &str, handler, needs_token, audience| ApiRoute {
        path: path.to_owned(),
        handler,
        needs_token,
        audience,
    };
    let open = |path: &str, handler| route(path, handler, false, Audience::Clients);
    let protected = |path: &str, handler| route(path, handler, true, Audience::Clients);
    let mut routes = vec![
        route("/healthz", get(health::is_alive), false, Audience::Both),
        route("/readyz", get(health::is_ready), false, Audience::Operators),
        route("/metrics", compressed(get(metrics::metrics)), true, Audience::Operators),
        open("/api/openapi.json", compressed(get(openapi::description))),
        protected("/api/models", get(models::models)),
        protected("/v2", get(kserve::metadata::server)),
        open("/v2/health/live", get(kserve::health::is_live)),
        open("/v2/health/ready", get(kserve::health::is_ready)),
        protected("/v2/models/{name}", get(kserve::metadata::model)),
        protected("/v2/models/{name}/ready", get(kserve::health::is_model_ready)),
        protected("/v2/models/{name}/infer", post(kserve::infer::infer)),
    ];
    for root in ["/api", openapi::NAMED_PREFIX] {
        routes.extend([
            protected(&format!("{root}/model"), get(models::model)),
            protected(&format!("{root}/predict"), post(predict::predict)),
            protected(&format!("{root}/read"), post(read::read)),
            protected(
                &format!("{root}/confusion_matrix.png"),
                get(confusion_matrix::confusion_matrix),
            ),
        ]);
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
        let mut routes: Vec<&String> = routes.iter().map(|route| &route.path).collect();
        described.sort();
        routes.sort();
        assert_eq!(described, routes);
    }
}
