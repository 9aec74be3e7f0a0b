//! Classifies pictures of single characters.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};

use crate::api::answer_pictures::answer_pictures;
use crate::api::answer_query::{AnswerQuery, RawAnswerQuery};
use crate::api::chosen_model::ChosenModel;
use crate::api::judged_answer::AnswerRules;
use crate::api::picture_answer::{PictureAnswer, Predictions};
use crate::api::request_body::{Binary, Form};
use crate::inference::job::PredictedPicture;
use crate::inference::picture::Pixels;
use crate::inference::served_model::ServedModel;
use crate::problem::{Problem, ProblemDetails};
use crate::state::ServerState;

/// Classify pictures of single characters
#[utoipa::path(
    post,
    path = "/api/predict",
    params(RawAnswerQuery),
    request_body(
        description = "A picture file, a form with several, or the pixels of one picture",
        content(
            (Binary = "image/*"),
            (Binary = "application/octet-stream"),
            (Form = "multipart/form-data"),
            (Pixels = "application/json"),
        )
    ),
    responses(
        (status = 200, description = "An answer for each picture", body = Predictions),
        (status = 400, description = "The query, the form or the JSON is malformed", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "No such model", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 408, description = "The body was not complete in time", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large or has too many pictures", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The Content-Type is not supported", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "No picture can be read", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "The server is busy: retry after the time in Retry-After", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn predict(
    State(state): State<Arc<ServerState>>,
    ChosenModel(model): ChosenModel,
    query: AnswerQuery,
    request: Request,
) -> Result<Json<Predictions>, Problem> {
    let to_answer = |name, PredictedPicture { picture, answer }: PredictedPicture| {
        PictureAnswer::new(name, &picture, &answer, AnswerRules::from(&*model), &query)
    };
    let answers = answer_pictures(&state, &model, request, ServedModel::predict, to_answer).await?;
    Ok(Json(Predictions { model: model.card.name.clone(), answers }))
}
