//! What became of each picture of a request.

use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What became of one picture.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Outcome<T> {
    Answered(T),
    Failed(PictureError),
}

/// A picture of a form that cannot be read.
#[derive(Serialize, ToSchema)]
pub struct PictureError {
    /// The file's name.
    name: Option<String>,
    /// Why.
    error: String,
}

/// A picture's name, and its answer or problem.
pub type NamedResult<A> = (Option<String>, Result<A, Problem>);

/// The outcomes of a form's pictures, each with its name.
///
/// # Errors
///
/// 422 when no picture could be read; what is not a picture's own fault fails them all.
pub fn form_outcomes<A, T>(
    answers: Vec<NamedResult<A>>,
    to_answer: impl Fn(Option<String>, A) -> T,
) -> Result<Vec<Outcome<T>>, Problem> {
    let mut reasons = Vec::new();
    let mut outcomes = Vec::with_capacity(answers.len());
    for (name, answer) in answers {
        outcomes.push(match answer {
            Ok(answer) => Outcome::Answered(to_answer(name, answer)),
            Err(problem) if problem.status.is_client_error() => {
                let shown = name.as_deref().unwrap_or("a picture");
                reasons.push(format!("{shown}: {}", problem.detail));
                Outcome::Failed(PictureError { name, error: problem.detail })
            }
            Err(problem) => return Err(problem),
        });
    }
    if reasons.len() == outcomes.len() {
        return Err(Problem::unprocessable(reasons.join("; ")));
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    fn outcomes(answers: Vec<Result<u8, Problem>>) -> Result<Vec<Outcome<u8>>, Problem> {
        let named = answers.into_iter().map(|answer| (Some("a.png".to_owned()), answer));
        form_outcomes(named.collect(), |_, answer| answer)
    }

    #[test]
    fn a_bad_picture_leaves_the_others_their_answers() {
        let outcomes = outcomes(vec![Ok(7), Err(Problem::unprocessable("torn"))]).unwrap();
        let expected = serde_json::json!([7, {"name": "a.png", "error": "torn"}]);
        assert_eq!(serde_json::to_value(outcomes).unwrap(), expected);
    }

    #[test]
    fn without_any_answer_the_request_fails() {
        let torn = || Err(Problem::unprocessable("torn"));
        let problem = outcomes(vec![torn(), torn()]).err().unwrap();
        assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem.detail, "a.png: torn; a.png: torn");
    }

    #[test]
    fn a_busy_server_fails_the_request() {
        let problem = outcomes(vec![Ok(7), Err(Problem::busy("full"))]).err().unwrap();
        assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
