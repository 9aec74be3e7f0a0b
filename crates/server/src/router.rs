//! All routes, and the middleware around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::api::kserve;
use crate::api::routes::{ApiRoute, Audience, api_routes};
use crate::middleware::authorize::authorize;
use crate::middleware::check_host::check_host;
use crate::middleware::check_origin::check_origin;
use crate::middleware::log_request::log_request;
use crate::middleware::request_id::{REQUEST_ID, check_request_id};
use crate::middleware::require_slot::require_slot;
use crate::middleware::security_headers::add_headers;
use crate::page;
use crate::problem::Problem;
use crate::state::ServerState;

/// The routes of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routes {
    /// All of them, when the server listens on one address only.
    All,
    /// Those for clients, when operators have another address.
    Clients,
    /// Those for operators, which need no token: the address is not reachable for clients.
    Operators,
}

/// The routes, with the middleware around them.
pub fn router(state: &Arc<ServerState>, routes: Routes) -> Router {
    let mut all = if routes == Routes::Operators { Router::new() } else { page::routes() };
    for ApiRoute { path, mut handler, needs_token, audience } in api_routes() {
        let is_included = match routes {
            Routes::All => true,
            Routes::Clients => audience != Audience::Operators,
            Routes::Operators => audience != Audience::Clients,
        };
        if !is_included {
            continue;
        }
        if needs_token && routes != Routes::Operators && state.tokens.is_some() {
            handler = handler.layer(from_fn_with_state(Arc::clone(state), authorize));
        }
        if path.starts_with(kserve::PREFIX) {
            handler = handler.layer(map_response(kserve::error::to_kserve_error));
        }
        all = all.route(&path, handler);
    }
    let middleware = ServiceBuilder::new()
        .layer(from_fn(check_request_id))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(from_fn_with_state(Arc::clone(state), log_request))
        .layer(from_fn(add_headers))
        .layer(from_fn_with_state(Arc::clone(state), check_host))
        .layer(from_fn_with_state(Arc::clone(state), check_origin))
        .layer(from_fn(require_slot))
        // Replaced by the limit of `net::body`, which the command line sets.
        .layer(DefaultBodyLimit::disable());
    all.fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware)
        .with_state(Arc::clone(state))
}

async fn no_such_route(request: Request) -> Problem {
    Problem::not_found(format!("no route has the path {}", request.uri().path()))
}

async fn no_such_method(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    let detail = format!("{path} does not support {method}; see the header Allow");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
