//! Refuses requests that pages of other sites make browsers send.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::net::access::Access;
use crate::problem::Problem;
use crate::state::ServerState;

/// How the page that sends a request is related to the server (Fetch Metadata Request Headers, W3C).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Passes on requests that only read, and those that no page of another site sends. Browsers do not
/// let such a page read an answer; this refuses it the work, too.
///
/// # Errors
///
/// 403 for a request from another site.
pub async fn check_origin(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if !request.method().is_safe() && is_foreign(&state.access, request.headers()) {
        let detail = "requests from pages of other sites are refused: if the page is this server's \
             own, under a name that a proxy gives it, start the server with --allowed-host NAME";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail).and_close());
    }
    Ok(next.run(request).await)
}

fn is_foreign(access: &Access, headers: &HeaderMap) -> bool {
    let is_cross_site = headers.get_all(FETCH_SITE).iter().any(|site| site == "cross-site");
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let mut origins = headers.get_all(ORIGIN).iter();
    is_cross_site
        || origins.any(|origin| {
            let origin = origin.to_str().ok().and_then(authority);
            !origin.is_some_and(|origin| {
                host.is_some_and(|host| origin.as_str().eq_ignore_ascii_case(host))
                    || access.names_host(origin.host())
            })
        })
}

/// The host and port of an origin; `None` if it is opaque (`null`).
fn authority(origin: &str) -> Option<Authority> {
    origin.split_once("://")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::options::AccessOptions;

    fn refuses(headers: &[(HeaderName, &'static str)]) -> bool {
        let allowed_hosts = vec!["digits.example".to_owned()];
        let access = Access::new(&AccessOptions { allowed_hosts, trusted_proxies: Vec::new() });
        let value = |(name, text): &(HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(text))
        };
        is_foreign(&access, &headers.iter().map(value).collect())
    }

    #[test]
    fn the_servers_own_page_and_programs_may_post() {
        let host = (HOST, "127.0.0.1:8080");
        assert!(!refuses(std::slice::from_ref(&host)));
        assert!(!refuses(&[host.clone(), (ORIGIN, "http://127.0.0.1:8080")]));
        assert!(!refuses(&[host.clone(), (FETCH_SITE, "same-origin")]));
        assert!(!refuses(&[host, (ORIGIN, "https://Digits.example")]));
    }

    #[test]
    fn pages_of_other_sites_may_not() {
        let host = (HOST, "127.0.0.1:8080");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:3000", "file://", ""] {
            assert!(refuses(&[host.clone(), (ORIGIN, origin)]), "{origin}");
        }
        assert!(refuses(&[host.clone(), (FETCH_SITE, "cross-site")]));
        let [own, other] = ["http://127.0.0.1:8080", "https://evil.example"];
        assert!(refuses(&[host, (ORIGIN, own), (ORIGIN, other)]));
    }
}
