//! Refuses requests that call the server by a foreign name, as pages do after DNS rebinding.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;

use crate::net::admission::is_health_check;
use crate::problem::Problem;
use crate::state::ServerState;

/// Passes on requests to an allowed host. Health checks may name any.
///
/// # Errors
///
/// 400 if the header `Host` is missing (RFC 9112, section 3.2; it is optional in HTTP/1.0), there
/// twice or malformed; 421 for another host.
pub async fn check_host(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let header = host(&request).map_err(Problem::and_close)?;
    if !is_health_check(request.uri().path()) {
        // A request line with a whole URL names the host, too.
        for named in header.iter().chain(request.uri().authority()) {
            if !state.access.allows_host(named.host()) {
                return Err(misdirected(named.host()).and_close());
            }
        }
    }
    Ok(next.run(request).await)
}

/// The header `Host`.
fn host(request: &Request) -> Result<Option<Authority>, Problem> {
    let mut values = request.headers().get_all(HOST).iter();
    let Some(value) = values.next() else {
        return match request.version() {
            Version::HTTP_11 => Err(Problem::bad_request("the header Host is missing")),
            _ => Ok(None),
        };
    };
    if values.next().is_some() {
        return Err(Problem::bad_request("the header Host is there more than once"));
    }
    let authority = Authority::try_from(value.as_bytes()).ok();
    let authority = authority.filter(|authority| !authority.as_str().contains('@'));
    let malformed = || Problem::bad_request("the header Host is not a name or an address");
    authority.map(Some).ok_or_else(malformed)
}

fn misdirected(host: &str) -> Problem {
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        format!(
            "this server does not answer for the host {host:?}: use localhost or its IP address, or \
             start it with --allowed-host {host}"
        ),
    )
}
