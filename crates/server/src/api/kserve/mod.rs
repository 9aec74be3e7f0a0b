//! The Open Inference Protocol, version 2, which `KServe` and Triton speak:
//! <https://github.com/kserve/open-inference-protocol>, with Triton's extension for binary tensors.

pub mod error;
pub mod health;
pub mod infer;
pub mod input;
pub mod metadata;
pub mod output;
pub mod request;
pub mod tensor_data;

/// Prefix of all its routes.
pub const PREFIX: &str = "/v2";

/// The header with the length of the JSON before binary tensors, in bytes.
pub const JSON_LENGTH_HEADER: &str = "inference-header-content-length";
