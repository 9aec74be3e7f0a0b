//! From a request's body to the pictures in it.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::application::Application;
use crate::inference::picture::{Content, Picture};
use crate::net::body;
use crate::net::budget::Share;
use crate::net::limits::PICTURES;
use crate::problem::Problem;

/// The pictures of one request.
#[derive(Debug)]
pub struct Upload {
    /// At least one.
    pub pictures: Vec<Picture>,
    /// Whether a picture that cannot be read leaves the others their answers.
    pub is_form: bool,
    /// What the bytes take of the memory for all requests.
    pub share: Share,
}

/// What a body is, by its `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Json,
    Form,
}

impl Upload {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// 415 for a body of an unknown kind, those of [`body::read`], 400 for a malformed form, 413 for
    /// too many pictures, 422 for none.
    pub async fn receive(
        application: &Application,
        request: Request,
        deadline: Instant,
    ) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = kind(&parts.headers).map_err(Problem::and_close)?;
        let mut share = application.budget.share();
        let bytes =
            body::read(&parts.headers, body, &application.limits, deadline, &mut share).await?;
        let one = |content| vec![Picture { name: None, content }];
        let pictures = match kind {
            Kind::File => one(Content::File(bytes)),
            Kind::Json => one(Content::Pixels(bytes)),
            Kind::Form => form(parts, bytes).await?,
        };
        Ok(Self { pictures, is_form: kind == Kind::Form, share })
    }
}

fn kind(headers: &HeaderMap) -> Result<Kind, Problem> {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "application/json" => Ok(Kind::Json),
        "multipart/form-data" => Ok(Kind::Form),
        "application/octet-stream" => Ok(Kind::File),
        image if image.starts_with("image/") => Ok(Kind::File),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "Content-Type {named:?} is not known; there are: image/*, \
                 application/octet-stream, multipart/form-data, application/json"
            ),
        )),
    }
}

/// The parts of a form, each of them a picture.
async fn form(parts: Parts, bytes: Bytes) -> Result<Vec<Picture>, Problem> {
    let malformed = |text: String| Problem::bad_request(format!("not a form of pictures: {text}"));
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| malformed(rejection.body_text()))?;
    let mut pictures = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| malformed(error.body_text()))? {
        if pictures.len() == PICTURES {
            return Err(Problem::too_large(format!(
                "the form has more than {PICTURES} pictures, the limit"
            )));
        }
        let name = field.file_name().map(str::to_owned);
        let content = field.bytes().await.map_err(|error| malformed(error.body_text()))?;
        pictures.push(Picture { name, content: Content::File(content) });
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

    fn kind_of(media_type: &'static str) -> Result<Kind, StatusCode> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        kind(&headers).map_err(|problem| problem.status)
    }

    #[test]
    fn parameters_and_case_of_a_media_type_do_not_matter() {
        assert_eq!(kind_of("Image/PNG"), Ok(Kind::File));
        assert_eq!(kind_of("application/json; charset=utf-8"), Ok(Kind::Json));
        assert_eq!(kind_of("multipart/form-data; boundary=x"), Ok(Kind::Form));
        assert_eq!(kind_of("application/octet-stream"), Ok(Kind::File));
    }

    #[test]
    fn other_bodies_are_refused() {
        for other in ["text/plain", "application/x-www-form-urlencoded", "imagepng", ""] {
            assert_eq!(kind_of(other), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE), "{other}");
        }
        assert!(kind(&HeaderMap::new()).unwrap_err().detail.contains("image/*"));
    }
}
