//! The protocol's form of errors.

use axum::Json;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// Why a request failed.
#[derive(Serialize, ToSchema)]
pub struct KserveError {
    /// What is wrong with the request.
    error: String,
}

/// Gives a failed request's response the protocol's form; its status and headers stay.
pub async fn to_kserve_error(mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let mut converted = Json(KserveError { error: problem.detail }).into_response();
    *converted.status_mut() = response.status();
    for (name, value) in response.headers() {
        let describes_body = name == CONTENT_LENGTH || converted.headers().contains_key(name);
        if !describes_body {
            converted.headers_mut().insert(name.clone(), value.clone());
        }
    }
    converted
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::to_bytes;
    use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};

    use super::*;

    #[tokio::test]
    async fn a_problem_keeps_its_status_and_headers() {
        let problem = Problem::too_many("too fast", Duration::from_secs(3)).into_response();
        let response = to_kserve_error(problem).await;
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[RETRY_AFTER], "3");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        let body = to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(&body[..], br#"{"error":"too fast"}"#);
    }

    #[tokio::test]
    async fn other_responses_stay_as_they_are() {
        let response = to_kserve_error("fine".into_response()).await;
        assert_eq!(to_bytes(response.into_body(), 1_000).await.unwrap(), "fine");
    }
}
