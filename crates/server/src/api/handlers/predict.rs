//! What pictures of one character show.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use crate::api::answer::{PictureAnswer, Predictions};
use crate::api::ask::ask;
use crate::api::chosen_model::ChosenModel;
use crate::api::question::{Question, RawQuestion};
use crate::api::request_body::{Binary, Form};
use crate::application::Application;
use crate::inference::picture::Pixels;
use crate::inference::served_model::ServedModel;
use crate::inference::worker::Answered;
use crate::problem::{Problem, ProblemDetails};

/// Tell what pictures of one character show
#[utoipa::path(
    post,
    path = "/api/predict",
    params(RawQuestion),
    request_body(
        description = "One picture, a form with several, or the pixels of one",
        content(
            (Binary = "image/*"),
            (Binary = "application/octet-stream"),
            (Form = "multipart/form-data"),
            (Pixels = "application/json"),
        )
    ),
    responses(
        (status = 200, description = "What the pictures show", body = Predictions),
        (status = 400, description = "The query, the form or the JSON is malformed", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "There is no such model", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large, or has too many pictures", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The body is of no known kind", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "No picture can be read", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "The server is busy: ask again after the time in Retry-After", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn predict(
    State(application): State<Arc<Application>>,
    ChosenModel(model): ChosenModel,
    question: Question,
    request: Request,
) -> Result<Json<Predictions>, Problem> {
    let present = |name, Answered { picture, answer }: Answered| {
        PictureAnswer::new(name, &picture, &answer, &model.class_names, &question)
    };
    let answers = ask(&application, &model, request, ServedModel::predict, present).await?;
    Ok(Json(Predictions { model: model.card.name.clone(), answers }))
}
