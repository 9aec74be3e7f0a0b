//! All routes, and the middleware around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::api::routes::api_routes;
use crate::middleware::check_host::check_host;
use crate::middleware::check_origin::check_origin;
use crate::middleware::log_request::log_request;
use crate::middleware::request_id::{REQUEST_ID, check_request_id};
use crate::middleware::require_slot::require_slot;
use crate::middleware::security_headers::add_headers;
use crate::page;
use crate::problem::Problem;
use crate::state::ServerState;

/// All routes, with the middleware around them.
pub fn router(state: Arc<ServerState>) -> Router {
    let mut router = page::routes();
    for (path, route) in api_routes() {
        router = router.route(&path, route);
    }
    let middleware = ServiceBuilder::new()
        .layer(from_fn(check_request_id))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(from_fn_with_state(Arc::clone(&state), log_request))
        .layer(from_fn(add_headers))
        .layer(from_fn_with_state(Arc::clone(&state), check_host))
        .layer(from_fn_with_state(Arc::clone(&state), check_origin))
        .layer(from_fn(require_slot))
        // Replaced by the limit of `net::body`, which the command line sets.
        .layer(DefaultBodyLimit::disable());
    router
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware)
        .with_state(state)
}

async fn no_such_route(request: Request) -> Problem {
    Problem::not_found(format!("no route has the path {}", request.uri().path()))
}

async fn no_such_method(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    let detail = format!("{path} does not support {method}; see the header Allow");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
