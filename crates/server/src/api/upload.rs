//! Reads the pictures from a request's body.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::inference::picture::{PictureData, UploadedPicture};
use crate::net::body;
use crate::net::limits::MAX_PICTURES;
use crate::net::memory_budget::MemoryReservation;
use crate::problem::Problem;
use crate::state::ServerState;

/// The pictures of a request.
#[derive(Debug)]
pub struct Upload {
    /// At least one.
    pub pictures: Vec<UploadedPicture>,
    /// Whether the pictures come from a form: one that cannot be read does not fail the others.
    pub is_form: bool,
    /// The memory that the bytes use.
    pub memory: MemoryReservation,
}

/// The kind of a body, by its `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyKind {
    /// A picture file.
    File,
    /// JSON pixels.
    Json,
    /// A form with picture files.
    Form,
}

impl Upload {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// 415 if the `Content-Type` is not supported, those of [`body::read`], 400 if a form is
    /// malformed, 413 if it has too many pictures, 422 if it has none.
    pub async fn receive(
        state: &ServerState,
        request: Request,
        deadline: Instant,
    ) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = kind(&parts.headers).map_err(Problem::and_close)?;
        let mut memory = state.body_memory.reservation();
        let bytes = body::read(&parts.headers, body, &state.limits, deadline, &mut memory).await?;
        let single = |data| vec![UploadedPicture { name: None, data }];
        let pictures = match kind {
            BodyKind::File => single(PictureData::File(bytes)),
            BodyKind::Json => single(PictureData::Json(bytes)),
            BodyKind::Form => form(parts, bytes).await?,
        };
        Ok(Self { pictures, is_form: kind == BodyKind::Form, memory })
    }
}

fn kind(headers: &HeaderMap) -> Result<BodyKind, Problem> {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "application/json" => Ok(BodyKind::Json),
        "multipart/form-data" => Ok(BodyKind::Form),
        "application/octet-stream" => Ok(BodyKind::File),
        image if image.starts_with("image/") => Ok(BodyKind::File),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "Content-Type {named:?} is not supported; supported are: image/*, \
                 application/octet-stream, multipart/form-data, application/json"
            ),
        )),
    }
}

/// The fields of a form, each a picture.
async fn form(parts: Parts, bytes: Bytes) -> Result<Vec<UploadedPicture>, Problem> {
    let malformed = |text: String| Problem::bad_request(format!("malformed form: {text}"));
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| malformed(rejection.body_text()))?;
    let mut pictures = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| malformed(error.body_text()))? {
        if pictures.len() == MAX_PICTURES {
            return Err(Problem::too_large(format!(
                "the form has more than the limit of {MAX_PICTURES} pictures"
            )));
        }
        let name = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|error| malformed(error.body_text()))?;
        pictures.push(UploadedPicture { name, data: PictureData::File(bytes) });
    }
    if pictures.is_empty() {
        return Err(Problem::unprocessable("the form has no picture"));
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn kind_of(media_type: &'static str) -> Result<BodyKind, StatusCode> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        kind(&headers).map_err(|problem| problem.status)
    }

    #[test]
    fn parameters_and_case_of_a_media_type_do_not_matter() {
        assert_eq!(kind_of("Image/PNG"), Ok(BodyKind::File));
        assert_eq!(kind_of("application/json; charset=utf-8"), Ok(BodyKind::Json));
        assert_eq!(kind_of("multipart/form-data; boundary=x"), Ok(BodyKind::Form));
        assert_eq!(kind_of("application/octet-stream"), Ok(BodyKind::File));
    }

    #[test]
    fn other_media_types_are_rejected() {
        for other in ["text/plain", "application/x-www-form-urlencoded", "imagepng", ""] {
            assert_eq!(kind_of(other), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE), "{other}");
        }
        assert!(kind(&HeaderMap::new()).unwrap_err().detail.contains("image/*"));
    }
}
