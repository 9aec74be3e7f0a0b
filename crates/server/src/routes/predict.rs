//! What pictures of one character show.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use crate::answer::{Outcome, PictureAnswer, PictureError, Predictions};
use crate::application::Application;
use crate::limits::Limits;
use crate::picture::{Binary, Form, Pixels};
use crate::problem::{Problem, ProblemDetails};
use crate::routes::chosen_model::ChosenModel;
use crate::routes::question::{Question, RawQuestion};
use crate::upload::Upload;
use crate::worker::{Answered, Ticket};

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
    let deadline = application.limits.deadline();
    let Upload { pictures, is_form, share } =
        Upload::receive(&application, request, deadline).await?;
    let places = application.queue.enter(pictures.len())?;
    let ticket = Arc::new(Ticket::new(places, share));
    let mut waiting = Vec::with_capacity(pictures.len());
    for picture in pictures {
        let (reply, answer) = oneshot::channel();
        let (model, ticket) = (Arc::clone(&model), Arc::clone(&ticket));
        application.preparers.run(move || model.order(&picture.content, reply, ticket));
        waiting.push((picture.name, answer));
    }
    drop(ticket);
    let mut answers = Vec::with_capacity(waiting.len());
    for (name, answer) in waiting {
        answers.push(match wait(answer, &application.limits, deadline).await {
            Ok(Answered { picture, answer }) => {
                let names = &model.class_names;
                let answer = PictureAnswer::new(name, &picture, &answer, names, &question);
                Outcome::Answered(answer)
            }
            Err(problem) if is_form && problem.status.is_client_error() => {
                Outcome::Failed(PictureError { name, error: problem.detail })
            }
            Err(problem) => return Err(problem),
        });
    }
    Predictions::join(&model.card.name, answers).map(Json)
}

/// Waits for an answer until the deadline.
async fn wait<T>(
    answer: oneshot::Receiver<Result<T, Problem>>,
    limits: &Limits,
    deadline: Instant,
) -> Result<T, Problem> {
    match timeout_at(deadline.into(), answer).await {
        Ok(Ok(answer)) => answer,
        // Whoever should have answered has panicked.
        Ok(Err(_)) => Err(Problem::internal()),
        Err(_) => {
            let seconds = limits.timeout.as_secs();
            Err(Problem::busy(format!("no answer after {seconds} s, the limit")))
        }
    }
}
