//! Reads a request body within the limits on size, memory and time.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use tokio::time::timeout_at;

use crate::net::limits::{Limits, MIN_BODY_RATE};
use crate::net::memory_budget::MemoryReservation;
use crate::problem::Problem;

/// Reads the whole body.
///
/// # Errors
///
/// 413 if the body is too large, before reading it if its length is announced; 408 if it arrives
/// too slowly or is not complete at the `deadline`; 503 if the bodies of other requests use too much memory; 400 if the
/// connection breaks.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
    deadline: Instant,
    reservation: &mut MemoryReservation,
) -> Result<Bytes, Problem> {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limits.body) {
        return Err(too_large(limits));
    }
    let reading = collect(body, limits, reservation);
    timeout_at(deadline.into(), reading).await.unwrap_or_else(|_| Err(too_slow(limits)))
}

async fn collect(
    mut body: Body,
    limits: &Limits,
    reservation: &mut MemoryReservation,
) -> Result<Bytes, Problem> {
    let mut bytes = Vec::new();
    let start = Instant::now();
    loop {
        let until = Limits::body_deadline(start, bytes.len());
        let frame = timeout_at(until.into(), body.frame()).await;
        let Some(frame) = frame.map_err(|_| below_minimum_rate())? else { break };
        let frame = frame.map_err(|error| {
            Problem::bad_request(format!("the body is incomplete: {error}")).and_close()
        })?;
        let Ok(chunk) = frame.into_data() else { continue };
        let length = bytes.len() + chunk.len();
        if length > limits.body {
            return Err(too_large(limits));
        }
        reservation.try_grow(length).map_err(Problem::and_close)?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

fn too_large(limits: &Limits) -> Problem {
    Problem::too_large(format!("the body is larger than the limit of {} bytes", limits.body))
        .and_close()
}

fn below_minimum_rate() -> Problem {
    let detail = format!("the body arrives at less than {MIN_BODY_RATE} bytes per second");
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail).and_close()
}

fn too_slow(limits: &Limits) -> Problem {
    let seconds = limits.timeout.as_secs();
    let detail = format!("the body was not complete within the limit of {seconds} s");
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail).and_close()
}
