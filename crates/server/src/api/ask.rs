//! From a request with pictures to their answers.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use crate::api::outcome::{Outcome, of_form};
use crate::api::upload::Upload;
use crate::application::Application;
use crate::inference::picture::Content;
use crate::inference::served_model::ServedModel;
use crate::inference::worker::{Reply, Ticket};
use crate::net::limits::Limits;
use crate::problem::Problem;

/// Reads the pictures of a request, has `order` run for each of them where it may take its time,
/// waits for the answers and presents each with the picture's name.
///
/// # Errors
///
/// Those of [`Upload::receive`]; 503 when the queue is full or the time is over; what is wrong with
/// a single picture, or with all of a form.
pub async fn ask<A: Send + 'static, T>(
    application: &Application,
    model: &Arc<ServedModel>,
    request: Request,
    order: impl Fn(&ServedModel, &Content, Reply<A>, Arc<Ticket>) + Copy + Send + 'static,
    present: impl Fn(Option<String>, A) -> T,
) -> Result<Vec<Outcome<T>>, Problem> {
    let deadline = application.limits.deadline();
    let Upload { pictures, is_form, share } =
        Upload::receive(application, request, deadline).await?;
    let ticket = Arc::new(Ticket::new(application.queue.enter(pictures.len())?, share));
    let mut waiting = Vec::with_capacity(pictures.len());
    for picture in pictures {
        let (reply, answer) = oneshot::channel();
        let (model, ticket) = (Arc::clone(model), Arc::clone(&ticket));
        application.preparers.run(move || order(&model, &picture.content, reply, ticket));
        waiting.push((picture.name, answer));
    }
    // The orders have their own: the last one that is answered makes room.
    drop(ticket);
    let mut answers = Vec::with_capacity(waiting.len());
    for (name, answer) in waiting {
        let answer = wait(answer, &application.limits, deadline).await;
        if !is_form {
            return Ok(vec![Outcome::Answered(present(name, answer?))]);
        }
        answers.push((name, answer));
    }
    of_form(answers, present)
}

/// Waits for an answer until the deadline.
async fn wait<A>(
    answer: oneshot::Receiver<Result<A, Problem>>,
    limits: &Limits,
    deadline: Instant,
) -> Result<A, Problem> {
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
