//! The protocol's descriptions of the server and of its models.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::chosen_model::ChosenModel;
use crate::api::kserve::error::KserveError;
use crate::api::kserve::input::{LEVELS, PICTURE, PIXELS};
use crate::api::kserve::output::{LABEL, PROBABILITIES};
use crate::problem::Problem;

/// The server.
#[derive(Serialize, ToSchema)]
pub struct ServerMetadata {
    name: &'static str,
    version: &'static str,
    /// Supported extensions of the protocol.
    extensions: [&'static str; 1],
}

/// A model's inputs and outputs. A request has one of the inputs.
#[derive(Serialize, ToSchema)]
pub struct ModelMetadata {
    name: String,
    platform: &'static str,
    inputs: Vec<TensorMetadata>,
    outputs: Vec<TensorMetadata>,
}

/// A tensor's name, type and shape.
#[derive(Serialize, ToSchema)]
pub struct TensorMetadata {
    name: &'static str,
    /// `UINT8`, `FP32` or `BYTES`.
    datatype: &'static str,
    /// -1 is the number of pictures.
    shape: Vec<i64>,
    parameters: TensorDescription,
}

/// What a tensor means.
#[derive(Serialize, ToSchema)]
pub struct TensorDescription {
    description: &'static str,
}

/// Describe the server (Open Inference Protocol)
#[utoipa::path(
    get,
    path = "/v2",
    operation_id = "kserve_server",
    responses((status = 200, body = ServerMetadata))
)]
pub async fn server() -> Json<ServerMetadata> {
    Json(ServerMetadata {
        name: "glyph",
        version: env!("CARGO_PKG_VERSION"),
        extensions: ["binary_tensor_data"],
    })
}

/// Describe a model (Open Inference Protocol)
#[utoipa::path(
    get,
    path = "/v2/models/{name}",
    operation_id = "kserve_model",
    params(("name" = String, Path, description = "The model's name")),
    responses(
        (status = 200, body = ModelMetadata),
        (status = 404, description = "No such model", body = KserveError),
    )
)]
pub async fn model(ChosenModel(model): ChosenModel) -> Result<Json<ModelMetadata>, Problem> {
    let shape = model.input();
    let tensor = [shape.channels, shape.height, shape.width];
    let with_batch = |sides: &[usize]| -> Vec<i64> {
        let sides = sides.iter().map(|side| i64::try_from(*side).unwrap_or(i64::MAX));
        std::iter::once(-1).chain(sides).collect()
    };
    let describe = |name, datatype, shape, description| TensorMetadata {
        name,
        datatype,
        shape,
        parameters: TensorDescription { description },
    };
    Ok(Json(ModelMetadata {
        name: model.card.name.clone(),
        platform: "burn",
        inputs: vec![
            describe(
                PICTURE,
                "BYTES",
                with_batch(&[]),
                "Picture files, prepared as the model's card says; in JSON, in Base64",
            ),
            describe(
                PIXELS,
                "UINT8",
                with_batch(&tensor),
                "Levels from 0 to 255, channel by channel; the server normalizes them",
            ),
            describe(
                LEVELS,
                "FP32",
                with_batch(&tensor),
                "Levels from 0 to 1, rounded to multiples of 1/255; the server normalizes them",
            ),
        ],
        outputs: vec![
            describe(
                PROBABILITIES,
                "FP32",
                with_batch(&[model.class_names.len()]),
                "Probability of each class; all zero for a picture without ink",
            ),
            describe(
                LABEL,
                "BYTES",
                with_batch(&[]),
                "Name of the most probable class, or ? if the answer is rejected: no ink, not \
                 clearly one shape, or a probability below the parameter threshold; of a multi-label \
                 model, the names of all classes that reach their thresholds, with ; between them",
            ),
        ],
    }))
}
