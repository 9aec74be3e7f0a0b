//! Answers a request with pictures: upload, preparation, inference, answers.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use crate::api::outcome::{NamedResult, Outcome, form_outcomes};
use crate::api::upload::Upload;
use crate::inference::job::{ReplySender, RequestPermit};
use crate::inference::picture::{PictureData, UploadedPicture};
use crate::inference::picture_size::decoded_pixels;
use crate::inference::preparation_pool::PictureWork;
use crate::inference::served_model::ServedModel;
use crate::net::limits::Limits;
use crate::net::memory_budget::MemoryReservation;
use crate::problem::Problem;
use crate::state::ServerState;

/// Reads the pictures of a request, calls `submit` for each of them on a thread of the preparation
/// pool, waits for the outputs, and makes each an answer with the picture's name.
///
/// # Errors
///
/// Those of [`Upload::receive`]; 503 if the queue is full or the deadline passes; the problem with a
/// single picture, or with all pictures of a form.
pub async fn answer_pictures<Output: Send + 'static, Answer>(
    state: &ServerState,
    model: &Arc<ServedModel>,
    request: Request,
    submit: impl Fn(&ServedModel, &PictureData, ReplySender<Output>, Arc<RequestPermit>)
    + Copy
    + Send
    + 'static,
    to_answer: impl Fn(Option<String>, Output) -> Answer,
) -> Result<Vec<Outcome<Answer>>, Problem> {
    let deadline = state.limits.deadline();
    let Upload { pictures, is_form, memory } = Upload::receive(state, request, deadline).await?;
    let mut results = run_model(state, model, pictures, memory, deadline, submit).await?;
    if !is_form && let Some((name, output)) = results.pop() {
        return Ok(vec![Outcome::Answered(to_answer(name, output?))]);
    }
    form_outcomes(results, to_answer)
}

/// Calls `submit` for each of the pictures on a thread of the preparation pool, and waits for the
/// outputs, which it returns in order with the pictures' names.
///
/// # Errors
///
/// 503 if the queue is full.
pub async fn run_model<Output: Send + 'static>(
    state: &ServerState,
    model: &Arc<ServedModel>,
    pictures: Vec<UploadedPicture>,
    memory: MemoryReservation,
    deadline: Instant,
    submit: impl Fn(&ServedModel, &PictureData, ReplySender<Output>, Arc<RequestPermit>)
    + Copy
    + Send
    + 'static,
) -> Result<Vec<NamedResult<Output>>, Problem> {
    let limit = state.limits.pixels;
    let sizes: Vec<u64> =
        pictures.iter().map(|picture| decoded_pixels(&picture.data, limit)).collect();
    let permit = state.queue.acquire(pictures.len(), sizes.iter().sum(), deadline).await?;
    let permit = Arc::new(RequestPermit::new(permit, memory));
    let mut waiting = Vec::with_capacity(pictures.len());
    let mut work = Vec::with_capacity(pictures.len());
    for (picture, pixels) in pictures.into_iter().zip(sizes) {
        let (reply, output) = oneshot::channel();
        let (model, permit) = (Arc::clone(model), Arc::clone(&permit));
        let run = Box::new(move || submit(&model, &picture.data, reply, permit));
        work.push(PictureWork { pixels, run });
        waiting.push((picture.name, output));
    }
    state.preparation.spawn(work);
    // Each job holds a reference: the last one that ends releases the permit.
    drop(permit);
    let mut results = Vec::with_capacity(waiting.len());
    for (name, output) in waiting {
        results.push((name, wait(output, &state.limits, deadline).await));
    }
    Ok(results)
}

/// Waits for a job's output until the deadline.
async fn wait<Output>(
    output: oneshot::Receiver<Result<Output, Problem>>,
    limits: &Limits,
    deadline: Instant,
) -> Result<Output, Problem> {
    match timeout_at(deadline.into(), output).await {
        Ok(Ok(result)) => result,
        // The thread that had the reply sender has panicked.
        Ok(Err(_)) => Err(Problem::internal()),
        Err(_) => {
            let seconds = limits.timeout.as_secs();
            Err(Problem::busy(format!("no answer within the limit of {seconds} s")))
        }
    }
}
