//! Every failed request's response: problem details (RFC 9457).

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// When a client may retry at the earliest after a busy response, in seconds.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// What is wrong, and the remedy if there is one.
    pub detail: String,
    /// Whether to close the connection, because the rest of the body is not read.
    closes_connection: bool,
    /// When the client may retry, in seconds.
    retry_after: Option<u64>,
}

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Always `about:blank`: the status is the type.
    r#type: &'static str,
    /// The meaning of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
}

impl Problem {
    /// A problem that leaves the connection open.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), closes_connection: false, retry_after: None }
    }

    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 422.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// 503: the server cannot accept the request now. The response asks the client to retry.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).and_retry(Duration::ZERO)
    }

    /// 429: the client has sent too many requests. It may retry after `wait`, but at least a second.
    pub fn too_many(detail: impl Into<String>, wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail).and_retry(wait)
    }

    /// 500: an error in the server, which the log describes.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error: see the server's log")
    }

    /// The same problem, but the connection is closed after the response.
    pub fn and_close(self) -> Self {
        Self { closes_connection: true, ..self }
    }

    /// The same problem, whose detail starts with what it is about.
    pub fn about(self, subject: &str) -> Self {
        Self { detail: format!("{subject}: {}", self.detail), ..self }
    }

    fn and_retry(self, wait: Duration) -> Self {
        let seconds = wait.as_secs_f64().ceil() as u64;
        Self { retry_after: Some(seconds.max(RETRY_AFTER_SECONDS)), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = self.clone();
        let details = ProblemDetails {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.closes_connection {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // For APIs with errors of another form.
        response.extensions_mut().insert(problem);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_response_says_when_to_retry() {
        let response = Problem::busy("full").into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert_eq!(response.headers()[CONTENT_TYPE], MEDIA_TYPE);
    }

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds() {
        for (milliseconds, seconds) in [(0, "1"), (300, "1"), (1_001, "2")] {
            let wait = Duration::from_millis(milliseconds);
            let response = Problem::too_many("too fast", wait).into_response();
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(response.headers()[RETRY_AFTER], seconds);
        }
    }
}
