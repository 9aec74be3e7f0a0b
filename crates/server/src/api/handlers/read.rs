//! The numbers on pictures.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use reader::Line;

use crate::api::ask::ask;
use crate::api::chosen_model::ChosenModel;
use crate::api::question::{Question, RawQuestion};
use crate::api::reading::{LineAnswer, Readings};
use crate::api::request_body::{Binary, Form};
use crate::application::Application;
use crate::inference::picture::Pixels;
use crate::problem::{Problem, ProblemDetails};

/// Read the lines of digits on pictures
#[utoipa::path(
    post,
    path = "/api/read",
    params(RawQuestion),
    request_body(
        description = "One picture, a form with several, or the pixels of one, of any size",
        content(
            (Binary = "image/*"),
            (Binary = "application/octet-stream"),
            (Form = "multipart/form-data"),
            (Pixels = "application/json"),
        )
    ),
    responses(
        (status = 200, description = "The digits on the pictures", body = Readings),
        (status = 400, description = "The query, the form or the JSON is malformed", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "There is no such model", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large, or has too many pictures", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The body is of no known kind", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "No picture can be read, or the model reads no lines", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "The server is busy: ask again after the time in Retry-After", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(application): State<Arc<Application>>,
    ChosenModel(model): ChosenModel,
    question: Question,
    request: Request,
) -> Result<Json<Readings>, Problem> {
    let threshold = question.threshold;
    let present = |name, line: Line| LineAnswer::new(name, &line, &model.class_names, &question);
    let answers = ask(
        &application,
        &model,
        request,
        move |model, content, reply, ticket| model.read(content, threshold, reply, ticket),
        present,
    )
    .await?;
    Ok(Json(Readings { model: model.card.name.clone(), answers }))
}
