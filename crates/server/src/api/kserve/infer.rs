//! The protocol's route for inference.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use data::ImageShape;
use tokio::sync::oneshot;

use crate::api::answer_pictures::run_model;
use crate::api::chosen_model::ChosenModel;
use crate::api::kserve::error::KserveError;
use crate::api::kserve::input::pictures;
use crate::api::kserve::output::{InferResponse, Outputs};
use crate::api::kserve::request::{InferRequest, ParsedRequest};
use crate::inference::picture::{PictureData, UploadedPicture};
use crate::inference::preparation_pool::PictureWork;
use crate::inference::served_model::ServedModel;
use crate::net::body;
use crate::problem::Problem;
use crate::state::ServerState;

/// Classify pictures (Open Inference Protocol)
///
/// With the header Inference-Header-Content-Length, tensors may be binary, as in Triton's extension.
#[utoipa::path(
    post,
    path = "/v2/models/{name}/infer",
    operation_id = "kserve_infer",
    params(("name" = String, Path, description = "The model's name")),
    request_body = InferRequest,
    responses(
        (status = 200, description = "Probabilities and a label for each picture", body = InferResponse),
        (status = 400, description = "The request is malformed", body = KserveError),
        (status = 404, description = "No such model", body = KserveError),
        (status = 408, description = "The body was not complete in time", body = KserveError),
        (status = 413, description = "The body is too large or has too many pictures", body = KserveError),
        (status = 415, description = "The body is compressed", body = KserveError),
        (status = 422, description = "A picture cannot be read", body = KserveError),
        (status = 503, description = "The server is busy: retry after the time in Retry-After", body = KserveError),
    )
)]
pub async fn infer(
    State(state): State<Arc<ServerState>>,
    ChosenModel(model): ChosenModel,
    request: Request,
) -> Result<Response, Problem> {
    let deadline = state.limits.deadline();
    let (parts, body) = request.into_parts();
    let mut memory = state.body_memory.reservation();
    let body = body::read(&parts.headers, body, &state.limits, deadline, &mut memory).await?;
    // A large request takes milliseconds to parse.
    let (reply, parsed) = oneshot::channel();
    let shape = model.input();
    let size = body.len() as u64;
    let run = Box::new(move || {
        let parsed = ParsedRequest::parse(&parts.headers, &body)
            .and_then(|request| InferTask::new(request, shape));
        let _ = reply.send(parsed);
    });
    state.preparation.spawn(vec![PictureWork { pixels: size, run }]);
    let task = parsed.await.map_err(|_| Problem::internal())??;
    let pictures = task.pictures.into_iter().map(|data| UploadedPicture { name: None, data });
    let submit = ServedModel::predict;
    let results = run_model(&state, &model, pictures.collect(), memory, deadline, submit).await?;
    let mut answers = Vec::with_capacity(results.len());
    for (index, (_, result)) in results.into_iter().enumerate() {
        let found = result.map_err(|problem| problem.about(&format!("picture {index}")))?;
        answers.push(found.answer);
    }
    Ok(task.outputs.respond(task.id, &model, &answers, task.threshold))
}

/// A validated request.
struct InferTask {
    id: Option<String>,
    pictures: Vec<PictureData>,
    outputs: Outputs,
    /// Probability below which a label is rejected, 0 to 1; `None` if the request does not say.
    threshold: Option<f64>,
}

impl InferTask {
    fn new(request: ParsedRequest, shape: ImageShape) -> Result<Self, Problem> {
        let threshold = request.json.parameters.threshold;
        if let Some(threshold) = threshold.filter(|value| !(0.0..=1.0).contains(value)) {
            let mistake = format!("threshold is {threshold}: expected a number from 0 to 1");
            return Err(Problem::bad_request(mistake));
        }
        let (pictures, outputs) = (pictures(&request, shape)?, Outputs::new(&request.json)?);
        Ok(Self { id: request.json.id, pictures, outputs, threshold })
    }
}
