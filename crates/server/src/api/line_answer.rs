//! Answers about lines of digits as JSON.

use reader::{Digit, Judgement, Line, Rejection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer_query::AnswerQuery;
use crate::api::outcome::Outcome;
use crate::api::picture_answer::{Level, RankedClass, rows, top_classes};

/// The numbers on the pictures of a request.
#[derive(Serialize, ToSchema)]
pub struct Readings {
    /// Name of the model.
    pub model: String,
    /// One for each picture, in order.
    pub answers: Vec<Outcome<LineAnswer>>,
}

/// The number on a picture.
#[derive(Serialize, ToSchema)]
pub struct LineAnswer {
    /// The file name, if the form has one.
    name: Option<String>,
    /// The digits, with `?` for each that is rejected; empty for a blank page.
    text: String,
    /// Whether a digit is rejected, or the page is blank or unclear.
    rejected: bool,
    /// Why it is rejected: `blank`, `unclear` or `unsure`.
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
    /// Probability that a digit of that class is at this position, 0 to 1: the network's probability
    /// times the probability of this division of the line.
    confidence: f64,
    /// First column of the bounding box, in pixels of the picture.
    left: u32,
    /// First row of the bounding box.
    top: u32,
    width: u32,
    height: u32,
    /// The most probable classes, best first.
    classes: Vec<RankedClass>,
    /// The network's input, rows from the top, if the query asks for it.
    input: Option<Vec<Vec<Level>>>,
}

impl LineAnswer {
    /// Judges a line by the query's threshold.
    pub fn new(
        name: Option<String>,
        line: &Line,
        class_names: &[String],
        query: &AnswerQuery,
    ) -> Self {
        let judgement = line.judge(query.threshold);
        let judged = line.digits.iter().zip(&judgement.digits);
        let digits =
            judged.map(|(digit, judged)| DigitAnswer::new(digit, *judged, class_names, query));
        Self {
            name,
            text: judgement.text(class_names),
            rejected: judgement.rejection.is_some(),
            reason: judgement.rejection.map(Rejection::name),
            digits: digits.collect(),
        }
    }
}

impl DigitAnswer {
    fn new(
        digit: &Digit,
        judgement: Judgement,
        class_names: &[String],
        query: &AnswerQuery,
    ) -> Self {
        let Digit { prediction, confidence, bounds, image } = digit;
        Self {
            answer: judgement.text(class_names).to_owned(),
            class: Some(class_names[prediction.class].clone()),
            confidence: *confidence,
            left: bounds.left,
            top: bounds.top,
            width: bounds.width(),
            height: bounds.height(),
            classes: top_classes(digit.ranked(), class_names, query),
            input: query.input.then(|| rows(image)),
        }
    }
}
