//! The outcome of each picture of a request: an answer or an error.

use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The outcome of one picture.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Outcome<T> {
    Answered(T),
    Failed(PictureError),
}

/// A picture of a form that cannot be answered.
#[derive(Serialize, ToSchema)]
pub struct PictureError {
    /// The file name.
    name: Option<String>,
    /// What is wrong with the picture.
    error: String,
}

/// A picture's name, and its answer or problem.
pub type NamedResult<A> = (Option<String>, Result<A, Problem>);

/// The outcomes of all pictures of a form.
///
/// # Errors
///
/// 422 if no picture can be answered. A problem that is not the client's (5xx) fails the whole request.
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
                let shown = name.as_deref().unwrap_or("picture");
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
    fn an_unreadable_picture_does_not_fail_the_others() {
        let outcomes = outcomes(vec![Ok(7), Err(Problem::unprocessable("torn"))]).unwrap();
        let expected = serde_json::json!([7, {"name": "a.png", "error": "torn"}]);
        assert_eq!(serde_json::to_value(outcomes).unwrap(), expected);
    }

    #[test]
    fn a_request_without_any_answer_fails() {
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
