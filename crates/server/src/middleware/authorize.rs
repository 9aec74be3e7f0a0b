//! Lets a request through only with a known token, within the token's limits.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::metrics::TokenOutcome;
use crate::problem::Problem;
use crate::state::ServerState;
use crate::tokens::token_limits::ExceededLimit;

/// Passes the request on; without a file of tokens, always.
///
/// # Errors
///
/// 401 without a known token, 429 beyond a token's limits. The connection is then closed, because
/// the body is not read.
pub async fn authorize(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(store) = &state.tokens else { return next.run(request).await };
    let account = bearer_token(request.headers()).and_then(|token| store.find(token));
    let Some(account) = account else {
        state.metrics.count_unauthorized();
        return unauthorized();
    };
    let count = |outcome| state.metrics.count_token_request(&account.name, outcome);
    match account.usage.begin_request() {
        Ok(guard) => {
            count(TokenOutcome::Accepted);
            let response = next.run(request).await;
            drop(guard);
            response
        }
        Err(ExceededLimit::Rate(wait)) => {
            count(TokenOutcome::Rate);
            let detail = "this token has sent more requests than its limit per second allows";
            Problem::too_many(detail, wait).and_close().into_response()
        }
        Err(ExceededLimit::Concurrency) => {
            count(TokenOutcome::Concurrency);
            let detail = "this token has as many requests in progress as its limit allows";
            Problem::too_many(detail, Duration::ZERO).and_close().into_response()
        }
    }
}

/// The token in `Authorization: Bearer TOKEN` (RFC 6750, section 2.1), if there is exactly one such
/// header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, others) = (values.next()?, values.next());
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    (others.is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn unauthorized() -> Response {
    let detail = "this server requires a known token: send the header Authorization: Bearer TOKEN";
    let problem = Problem::new(StatusCode::UNAUTHORIZED, detail).and_close();
    let mut response = problem.into_response();
    let challenge = HeaderValue::from_static("Bearer realm=\"glyph\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(values: &[&'static str]) -> Option<String> {
        let header = |value: &&'static str| (AUTHORIZATION, HeaderValue::from_static(value));
        bearer_token(&values.iter().map(header).collect()).map(str::to_owned)
    }

    #[test]
    fn a_token_is_found_in_one_header_of_the_bearer_scheme() {
        assert_eq!(token(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["bearer  abc "]).as_deref(), Some("abc"));
        for none in [&[][..], &["abc"], &["Basic abc"], &["Bearer"], &["Bearer a", "Bearer b"]] {
            assert_eq!(token(none), None, "{none:?}");
        }
    }
}
