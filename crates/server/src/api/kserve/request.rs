//! A request for inference: JSON, and the binary tensors behind it.

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::kserve::JSON_LENGTH_HEADER;
use crate::api::kserve::tensor_data::TensorData;
use crate::problem::Problem;

/// A request for inference.
#[derive(Deserialize, ToSchema)]
pub struct InferRequest {
    /// Returned with the answer.
    pub id: Option<String>,
    #[serde(default)]
    pub parameters: RequestParameters,
    /// Exactly one.
    pub inputs: Vec<InputTensor>,
    /// The outputs to return; default: all.
    #[serde(default)]
    pub outputs: Vec<RequestedOutput>,
}

/// Parameters of a request.
#[derive(Default, Deserialize, ToSchema)]
pub struct RequestParameters {
    /// Whether outputs are binary, unless they say themselves; default: no.
    #[serde(default)]
    pub binary_data_output: bool,
    /// Reject labels with a lower probability, 0 to 1; default: as in `/api/predict`.
    pub threshold: Option<f64>,
}

/// An input.
#[derive(Deserialize, ToSchema)]
pub struct InputTensor {
    /// `picture`, `pixels` or `levels`.
    pub name: String,
    /// `BYTES`, `UINT8` or `FP32`.
    pub datatype: String,
    /// The number of pictures first.
    pub shape: Vec<u64>,
    #[serde(default)]
    pub parameters: InputParameters,
    /// The elements, unless they are binary.
    #[schema(value_type = Option<Vec<Object>>)]
    pub data: Option<TensorData>,
}

/// Parameters of an input.
#[derive(Default, Deserialize, ToSchema)]
pub struct InputParameters {
    /// Number of bytes behind the JSON, if the elements are binary.
    pub binary_data_size: Option<u64>,
}

/// An output to return.
#[derive(Deserialize, ToSchema)]
pub struct RequestedOutput {
    /// `probabilities` or `label`.
    pub name: String,
    #[serde(default)]
    pub parameters: OutputParameters,
}

/// Parameters of an output.
#[derive(Default, Deserialize, ToSchema)]
pub struct OutputParameters {
    /// Whether it is binary; default: as `binary_data_output` says.
    pub binary_data: Option<bool>,
    /// Not supported: the probabilities are in the order of the classes.
    pub classification: Option<u64>,
}

/// A request's JSON, and the bytes behind it.
pub struct ParsedRequest {
    pub json: InferRequest,
    pub binary: Bytes,
}

impl ParsedRequest {
    /// Divides a body and parses its JSON.
    ///
    /// # Errors
    ///
    /// 415 for a compressed body, 400 if the JSON is malformed or its length contradicts the body's.
    pub fn parse(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        if let Some(encoding) = headers.get(CONTENT_ENCODING).filter(|name| *name != "identity") {
            return Err(Problem::new(
                axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("Content-Encoding {encoding:?} is not supported: send the body as it is"),
            ));
        }
        let json_length = match headers.get(JSON_LENGTH_HEADER) {
            None => body.len(),
            Some(value) => {
                let length = value.to_str().ok().and_then(|value| value.parse().ok());
                length.filter(|&length| length <= body.len()).ok_or_else(|| {
                    Problem::bad_request(format!(
                        "Inference-Header-Content-Length is {value:?}: expected the length of the \
                         JSON, at most the body's {} bytes",
                        body.len()
                    ))
                })?
            }
        };
        let json = serde_json::from_slice(&body[..json_length])
            .map_err(|error| Problem::bad_request(format!("malformed request: {error}")))?;
        Ok(Self { json, binary: body.slice(json_length..) })
    }
}
