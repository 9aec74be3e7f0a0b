//! Answers about lines of digits as JSON.

use reader::{Digit, Line, Rejection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer_query::AnswerQuery;
use crate::api::outcome::Outcome;
use crate::api::picture_answer::{Level, RankedClass, rank, rows};

/// The numbers on pictures.
#[derive(Serialize, ToSchema)]
pub struct Readings {
    /// The model that was asked.
    pub model: String,
    /// One for each picture, in order.
    pub answers: Vec<Outcome<LineAnswer>>,
}

/// The number on a picture.
#[derive(Serialize, ToSchema)]
pub struct LineAnswer {
    /// The file's name, in a form.
    name: Option<String>,
    /// The digits, `?` for each that is rejected; empty for a blank page.
    text: String,
    /// Whether any digit is rejected, or the page is blank or unclear.
    rejected: bool,
    /// Why: `blank`, `unclear` or `unsure`.
    #[schema(example = "unsure")]
    reason: Option<&'static str>,
    /// From left to right.
    digits: Vec<DigitAnswer>,
}

/// A digit of a line.
#[derive(Serialize, ToSchema)]
struct DigitAnswer {
    /// The class, or `?` if it is rejected.
    answer: String,
    /// The most probable class.
    class: Option<String>,
    /// Probability that there is a digit of that class at this place, 0 to 1: the network's, times
    /// that the line is rightly divided.
    confidence: f64,
    /// The first column of its box in the picture's pixels.
    left: u32,
    /// The first row.
    top: u32,
    width: u32,
    height: u32,
    /// The most probable classes, best first.
    classes: Vec<RankedClass>,
    /// What the network saw, rows from the top, if it was asked for.
    input: Option<Vec<Vec<Level>>>,
}

impl LineAnswer {
    pub fn new(
        name: Option<String>,
        line: &Line,
        class_names: &[String],
        query: &AnswerQuery,
    ) -> Self {
        let digit = |digit: &Digit| DigitAnswer::new(digit, class_names, query);
        Self {
            name,
            text: line.text(class_names),
            rejected: line.rejection.is_some(),
            reason: line.rejection.map(Rejection::name),
            digits: line.digits.iter().map(digit).collect(),
        }
    }
}

impl DigitAnswer {
    fn new(digit: &Digit, class_names: &[String], query: &AnswerQuery) -> Self {
        let Digit { answer, confidence, bounds, image } = digit;
        Self {
            answer: answer.text(class_names).to_owned(),
            class: answer.prediction.as_ref().map(|found| class_names[found.class].clone()),
            confidence: *confidence,
            left: bounds.left,
            top: bounds.top,
            width: bounds.width(),
            height: bounds.height(),
            classes: rank(answer, class_names, query),
            input: query.input.then(|| rows(image)),
        }
    }
}
