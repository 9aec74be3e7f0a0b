//! The identifiers of requests that clients choose.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// The header that identifies a request in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Maximum length of an identifier, in bytes.
const MAX_LENGTH: usize = 64;

/// Removes an identifier that is too long for the log or has other characters than letters, digits,
/// `-`, `_` and `.`; the request then gets one like those that come without.
pub async fn check_request_id(mut request: Request, next: Next) -> Response {
    if !request.headers().get_all(REQUEST_ID).iter().all(is_valid) {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

fn is_valid(id: &HeaderValue) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_short_and_plain() {
        for valid in ["mine-1", "a", "00-4bf92f3577b34da6a3ce929d0e0e4736-01", "v1.2_x"] {
            assert!(is_valid(&HeaderValue::from_static(valid)), "{valid}");
        }
        let long = HeaderValue::try_from("a".repeat(MAX_LENGTH + 1)).unwrap();
        let others = ["", "a b", "a\"b", "a\tb", "<a>"].map(HeaderValue::from_static);
        assert!(others.iter().chain([&long]).all(|id| !is_valid(id)));
    }
}
