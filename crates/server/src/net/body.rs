//! Reads a request's body within the limits of size, memory and time.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use tokio::time::timeout_at;

use crate::net::budget::Share;
use crate::net::limits::Limits;
use crate::problem::Problem;

/// Reads `body` whole.
///
/// # Errors
///
/// 413 when it is too large, before any of it is read if it tells its length; 408 when it is not
/// there at the `deadline`; 503 when the bodies of others take too much memory; 400 when it breaks
/// off.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
    deadline: Instant,
    share: &mut Share,
) -> Result<Bytes, Problem> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limits.body) {
        return Err(too_large(limits));
    }
    let reading = collect(body, limits, share);
    timeout_at(deadline.into(), reading).await.unwrap_or_else(|_| Err(too_slow(limits)))
}

async fn collect(mut body: Body, limits: &Limits, share: &mut Share) -> Result<Bytes, Problem> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::bad_request(format!("the body broke off: {error}")).and_close()
        })?;
        let Ok(part) = frame.into_data() else { continue };
        let length = whole.len() + part.len();
        if length > limits.body {
            return Err(too_large(limits));
        }
        share.grow(length).map_err(Problem::and_close)?;
        whole.extend_from_slice(&part);
    }
    Ok(whole.into())
}

fn too_large(limits: &Limits) -> Problem {
    Problem::too_large(format!("the body has more than {} bytes, the limit", limits.body))
        .and_close()
}

fn too_slow(limits: &Limits) -> Problem {
    let seconds = limits.timeout.as_secs();
    let detail = format!("the body was not there after {seconds} s, the limit");
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail).and_close()
}
