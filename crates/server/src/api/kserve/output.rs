//! From the model's answers to a response.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use model::Prediction;
use reader::Answer;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::judged_answer::{AnswerRules, JudgedAnswer};
use crate::api::kserve::JSON_LENGTH_HEADER;
use crate::api::kserve::request::InferRequest;
use crate::inference::served_model::ServedModel;
use crate::problem::Problem;

/// The output of all probabilities, `FP32` `[pictures, classes]`.
pub const PROBABILITIES: &str = "probabilities";
/// The output of class names, `BYTES` `[pictures]`; several classes of a picture are separated by `;`.
pub const LABEL: &str = "label";

/// The answers about a request's pictures.
#[derive(Serialize, ToSchema)]
pub struct InferResponse {
    /// That of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    model_name: String,
    /// SHA-256 of the weights.
    model_version: String,
    /// In the order of the request.
    outputs: Vec<OutputTensor>,
}

/// An output.
#[derive(Serialize, ToSchema)]
pub struct OutputTensor {
    name: &'static str,
    datatype: &'static str,
    /// The number of pictures first.
    shape: Vec<usize>,
    /// If the elements are binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
    /// The elements in row-major order, unless they are binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    data: Option<OutputData>,
}

/// Where binary elements are.
#[derive(Serialize, ToSchema)]
pub struct BinarySize {
    /// Number of bytes behind the JSON, after those of earlier outputs.
    binary_data_size: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OutputData {
    Numbers(Vec<f32>),
    Strings(Vec<String>),
}

/// The outputs that a request asks for, and whether each is binary.
#[derive(Debug, PartialEq)]
pub struct Outputs(Vec<(&'static str, bool)>);

impl Outputs {
    /// The outputs of a request.
    ///
    /// # Errors
    ///
    /// 400 for an output that there is not, or that is asked for twice.
    pub fn new(request: &InferRequest) -> Result<Self, Problem> {
        let default = request.parameters.binary_data_output;
        if request.outputs.is_empty() {
            return Ok(Self([PROBABILITIES, LABEL].map(|name| (name, default)).to_vec()));
        }
        let mut outputs: Vec<(&'static str, bool)> = Vec::new();
        for output in &request.outputs {
            let refuse = |mistake: &str| {
                Err(Problem::bad_request(format!("output {:?}: {mistake}", output.name)))
            };
            let found = [PROBABILITIES, LABEL].into_iter().find(|name| *name == output.name);
            let Some(name) = found else {
                return refuse("no output has this name: ask for probabilities or label");
            };
            if outputs.iter().any(|(earlier, _)| *earlier == name) {
                return refuse("it is asked for twice");
            }
            if output.parameters.classification.is_some_and(|count| count > 0) {
                return refuse("classification is not supported: ask for probabilities and label");
            }
            outputs.push((name, output.parameters.binary_data.unwrap_or(default)));
        }
        Ok(Self(outputs))
    }

    /// The response with the answers about all pictures, judged by `threshold`.
    pub fn respond(
        &self,
        id: Option<String>,
        model: &ServedModel,
        answers: &[Answer],
        threshold: Option<f64>,
    ) -> Response {
        let mut binary = Vec::new();
        let outputs = self.0.iter().map(|&(name, is_binary)| {
            let (datatype, mut shape, data) = match name {
                PROBABILITIES => ("FP32", vec![answers.len()], probabilities(model, answers)),
                _ => ("BYTES", vec![answers.len()], labels(model, answers, threshold)),
            };
            if name == PROBABILITIES {
                shape.push(model.class_names.len());
            }
            let (parameters, data) = if is_binary {
                let start = binary.len();
                data.append_to(&mut binary);
                (Some(BinarySize { binary_data_size: binary.len() - start }), None)
            } else {
                (None, Some(data))
            };
            OutputTensor { name, datatype, shape, parameters, data }
        });
        let response = InferResponse {
            id,
            outputs: outputs.collect(),
            model_name: model.card.name.clone(),
            model_version: model.card.version.clone(),
        };
        if self.0.iter().any(|(_, is_binary)| *is_binary) {
            with_binary(&response, &binary)
        } else {
            Json(response).into_response()
        }
    }
}

fn probabilities(model: &ServedModel, answers: &[Answer]) -> OutputData {
    let classes = model.class_names.len();
    let row = |answer: &Answer| {
        answer.prediction().map_or_else(|| vec![0.0; classes], Prediction::probabilities)
    };
    OutputData::Numbers(answers.iter().flat_map(row).map(|value| value as f32).collect())
}

fn labels(model: &ServedModel, answers: &[Answer], threshold: Option<f64>) -> OutputData {
    let rules = AnswerRules::from(model);
    let label = |answer: &Answer| JudgedAnswer::new(answer, rules, threshold).text;
    OutputData::Strings(answers.iter().map(label).collect())
}

impl OutputData {
    /// Numbers in little-endian order; strings behind their lengths (32 bits, little-endian).
    fn append_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Numbers(numbers) => {
                bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            }
            Self::Strings(texts) => {
                for text in texts {
                    bytes.extend((text.len() as u32).to_le_bytes());
                    bytes.extend(text.as_bytes());
                }
            }
        }
    }
}

fn with_binary(response: &InferResponse, binary: &[u8]) -> Response {
    let Ok(mut body) = serde_json::to_vec(response) else {
        return Problem::internal().into_response();
    };
    let length = HeaderValue::from(body.len());
    body.extend_from_slice(binary);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (HeaderName::from_static(JSON_LENGTH_HEADER), length),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(json: &str) -> Result<Vec<(&'static str, bool)>, String> {
        let json = format!(r#"{{"inputs": [], {json}}}"#);
        let request: InferRequest = serde_json::from_str(&json).unwrap();
        Outputs::new(&request).map(|outputs| outputs.0).map_err(|problem| problem.detail)
    }

    #[test]
    fn all_outputs_are_returned_by_default() {
        let all = |is_binary| vec![(PROBABILITIES, is_binary), (LABEL, is_binary)];
        assert_eq!(outputs(r#""outputs": []"#).unwrap(), all(false));
        let binary = outputs(r#""parameters": {"binary_data_output": true}"#);
        assert_eq!(binary.unwrap(), all(true));
    }

    #[test]
    fn an_output_says_itself_whether_it_is_binary() {
        let asked = r#""outputs": [{"name": "label", "parameters": {"binary_data": true}}]"#;
        assert_eq!(outputs(asked).unwrap(), [(LABEL, true)]);
    }

    #[test]
    fn unknown_outputs_are_refused() {
        assert!(outputs(r#""outputs": [{"name": "logits"}]"#).unwrap_err().contains("logits"));
        let twice = r#""outputs": [{"name": "label"}, {"name": "label"}]"#;
        assert!(outputs(twice).unwrap_err().contains("twice"));
        let ranked = r#""outputs": [{"name": "label", "parameters": {"classification": 3}}]"#;
        assert!(outputs(ranked).unwrap_err().contains("not supported"));
    }

    #[test]
    fn strings_have_their_length_in_front() {
        let mut bytes = Vec::new();
        OutputData::Strings(vec!["ab".to_owned(), String::new()]).append_to(&mut bytes);
        OutputData::Numbers(vec![1.0]).append_to(&mut bytes);
        assert_eq!(bytes, b"\x02\0\0\0ab\0\0\0\0\0\0\x80\x3F");
    }
}
