//! A value that is refused.

use model::LayerError;

/// A value that is refused, and its key.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Invalid {
    /// Dotted path of the key, for example `model.layers.2`.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl Invalid {
    /// The error for the value of `key`.
    pub fn new(key: &str, problem: impl Into<String>) -> Self {
        Self { key: key.to_owned(), problem: problem.into() }
    }
}

/// The key of the layer that `error` is about.
#[must_use]
pub fn layer_key(error: &LayerError) -> String {
    error.position.iter().fold("model".to_owned(), |key, index| format!("{key}.layers.{index}"))
}
