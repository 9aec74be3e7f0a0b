//! The query string of requests with pictures: how much to answer.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use reader::DEFAULT_THRESHOLD;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;

/// A validated query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerQuery {
    /// Maximum number of classes in an answer, at least 1.
    pub top_k: usize,
    /// Confidence below which an answer is rejected, 0 to 1; `None` if the query does not say.
    pub threshold: Option<f64>,
    /// Whether to include the network's input.
    pub input: bool,
}

/// A query as the client sent it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RawAnswerQuery {
    /// How many of the most probable classes to return; default: all.
    #[param(minimum = 1)]
    top_k: Option<usize>,
    /// Reject answers with a lower confidence; default: 0.8, and for single characters none if the model is
    /// calibrated, because its score decides. Of a multi-label model, predict the classes that are at
    /// least as probable; default: the model's threshold for each class.
    #[param(minimum = 0, maximum = 1)]
    threshold: Option<f64>,
    /// Whether to return the network's input.
    #[param(default = false)]
    input: Option<bool>,
}

impl AnswerQuery {
    fn new(raw: &RawAnswerQuery) -> Result<Self, Problem> {
        let query = Self {
            top_k: raw.top_k.unwrap_or(usize::MAX),
            threshold: raw.threshold,
            input: raw.input.unwrap_or(false),
        };
        if query.top_k == 0 {
            return Err(Problem::bad_request("top_k=0: ask for 1 class or more"));
        }
        if let Some(found) = query.threshold.filter(|value| !(0.0..=1.0).contains(value)) {
            let detail = format!("threshold={found}: expected a number from 0 to 1");
            return Err(Problem::bad_request(detail));
        }
        Ok(query)
    }

    /// The threshold for the digits of a line.
    pub fn digit_threshold(&self) -> f64 {
        self.threshold.unwrap_or(DEFAULT_THRESHOLD)
    }
}

impl<S: Sync> FromRequestParts<S> for AnswerQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(raw) = Query::<RawAnswerQuery>::try_from_uri(&parts.uri)
            .map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        Self::new(&raw)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn parse(query: &str) -> Result<AnswerQuery, Problem> {
        let uri = format!("/api/predict?{query}");
        let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        AnswerQuery::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn everything_has_a_default() {
        let query = parse("").await.unwrap();
        assert_eq!(query, AnswerQuery { top_k: usize::MAX, threshold: None, input: false });
        let query = parse("top_k=3&threshold=0&input=true").await.unwrap();
        assert_eq!(query, AnswerQuery { top_k: 3, threshold: Some(0.0), input: true });
    }

    #[tokio::test]
    async fn errors_name_the_parameter() {
        for (query, word) in [
            ("top_k=0", "top_k"),
            ("top_k=-1", "top_k"),
            ("threshold=2", "threshold=2"),
            ("threshold=NaN", "NaN"),
            ("input=yes", "input"),
            ("topk=3", "topk"),
        ] {
            let detail = parse(query).await.unwrap_err().detail;
            assert!(detail.contains(word), "{query}: {detail}");
        }
    }
}
