//! A model's confusion matrix as a picture.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};

use crate::api::chosen_model::ChosenModel;
use crate::api::request_body::Binary;
use crate::problem::{Problem, ProblemDetails};

/// Get a model's confusion matrix
#[utoipa::path(
    get,
    path = "/api/confusion_matrix.png",
    responses(
        (status = 200, body = Binary, content_type = "image/png"),
        (status = 404, description = "No such model, or it has no confusion matrix", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn confusion_matrix(
    ChosenModel(model): ChosenModel,
) -> Result<([(HeaderName, HeaderValue); 2], Bytes), Problem> {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    match &model.confusion_matrix {
        Some(picture) => Ok((headers, picture.clone())),
        None => Err(Problem::not_found("this model has no plots/confusion_matrix.png")),
    }
}
