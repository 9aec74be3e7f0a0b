//! What can be asked for, and how every request is treated.

pub mod ask;
pub mod chosen_model;
pub mod confusion_matrix;
pub mod health;
pub mod metrics;
pub mod models;
pub mod page;
pub mod predict;
pub mod question;
pub mod read;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::application::Application;
use crate::observe::{REQUEST_ID, observe};
use crate::openapi;
use crate::problem::Problem;
use crate::security::add_headers;

type Route = MethodRouter<Arc<Application>>;

/// All routes with what surrounds them.
pub fn router(application: Arc<Application>) -> Router {
    let mut router = page::routes();
    for (path, route) in api_routes() {
        router = router.route(&path, route);
    }
    let request_id = HeaderName::from_static(REQUEST_ID);
    let around = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(request_id))
        .layer(from_fn_with_state(Arc::clone(&application), observe))
        .layer(from_fn(add_headers))
        // `body` has its own limit, which the command line sets.
        .layer(DefaultBodyLimit::disable());
    router
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(around)
        .with_state(application)
}

/// The routes that the API's description has: those for one model twice, the second time with its
/// name.
pub fn api_routes() -> Vec<(String, Route)> {
    // Answers to pictures are small and many: compressing them is not worth the processor's time.
    let compressed = |route: Route| route.layer(CompressionLayer::new());
    let mut routes: Vec<(String, Route)> = vec![
        ("/healthz".to_owned(), get(health::is_alive)),
        ("/readyz".to_owned(), get(health::is_ready)),
        ("/metrics".to_owned(), compressed(get(metrics::metrics))),
        ("/api/openapi.json".to_owned(), compressed(get(openapi::description))),
        ("/api/models".to_owned(), get(models::models)),
    ];
    for root in ["/api", openapi::NAMED] {
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

async fn no_such_route(request: Request) -> Problem {
    Problem::not_found(format!("there is nothing at {}", request.uri().path()))
}

async fn no_such_method(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    let detail = format!("{path} does not take {method}; the header Allow says what it takes");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
