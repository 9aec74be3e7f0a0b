//! What a request wants to know of its pictures.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use reader::DEFAULT_THRESHOLD;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;

/// A checked query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// Classes to tell, at least one.
    pub top_k: usize,
    /// Confidence below which an answer is rejected, 0 to 1.
    pub threshold: f64,
    /// Whether to tell what the network saw.
    pub input: bool,
}

/// A query as it came in.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RawQuestion {
    /// How many of the most probable classes to tell; default: all.
    #[param(minimum = 1)]
    top_k: Option<usize>,
    /// Reject answers with less confidence.
    #[param(minimum = 0, maximum = 1, default = default_threshold)]
    threshold: Option<f64>,
    /// Whether to send back what the network saw.
    #[param(default = false)]
    input: Option<bool>,
}

/// For the API's description, which takes functions only.
fn default_threshold() -> f64 {
    DEFAULT_THRESHOLD
}

impl Question {
    fn new(raw: &RawQuestion) -> Result<Self, Problem> {
        let question = Self {
            top_k: raw.top_k.unwrap_or(usize::MAX),
            threshold: raw.threshold.unwrap_or(DEFAULT_THRESHOLD),
            input: raw.input.unwrap_or(false),
        };
        if question.top_k == 0 {
            return Err(Problem::bad_request("top_k=0: ask for 1 class or more"));
        }
        if !(0.0..=1.0).contains(&question.threshold) {
            let found = question.threshold;
            let detail = format!("threshold={found}: expected a number from 0 to 1");
            return Err(Problem::bad_request(detail));
        }
        Ok(question)
    }
}

impl<S: Sync> FromRequestParts<S> for Question {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(raw) = Query::<RawQuestion>::try_from_uri(&parts.uri)
            .map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        Self::new(&raw)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn ask(query: &str) -> Result<Question, Problem> {
        let uri = format!("/api/predict?{query}");
        let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        Question::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn everything_has_a_default() {
        let question = ask("").await.unwrap();
        assert_eq!(
            question,
            Question { top_k: usize::MAX, threshold: DEFAULT_THRESHOLD, input: false }
        );
        let question = ask("top_k=3&threshold=0&input=true").await.unwrap();
        assert_eq!(question, Question { top_k: 3, threshold: 0.0, input: true });
    }

    #[tokio::test]
    async fn mistakes_are_named() {
        for (query, word) in [
            ("top_k=0", "top_k"),
            ("top_k=-1", "top_k"),
            ("threshold=2", "threshold=2"),
            ("threshold=NaN", "NaN"),
            ("input=yes", "input"),
            ("topk=3", "topk"),
        ] {
            let detail = ask(query).await.unwrap_err().detail;
            assert!(detail.contains(word), "{query}: {detail}");
        }
    }
}
