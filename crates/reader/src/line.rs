//! A line of digits, read.

use ink::InkBox;

use crate::{Answer, Rejection};

/// What stands for a digit that is rejected.
const UNKNOWN: &str = "?";

/// The number on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// From left to right; none on a page that is blank or unclear.
    pub digits: Vec<Digit>,
    /// Why the line is not to be trusted, if it is not: it is unsure if one of its digits is.
    pub rejection: Option<Rejection>,
}

/// One digit of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Digit {
    /// What it is, as far as the model can tell.
    pub answer: Answer,
    /// Where it is in the picture, in pixels.
    pub bounds: InkBox,
}

impl Line {
    /// A line of these digits.
    pub(crate) fn new(digits: Vec<Digit>) -> Self {
        let rejection = if digits.is_empty() {
            Some(Rejection::Blank)
        } else {
            digits.iter().find_map(|digit| digit.answer.rejection)
        };
        Self { digits, rejection }
    }

    /// A page with ink that is no line of digits.
    pub(crate) fn unclear() -> Self {
        Self { digits: Vec::new(), rejection: Some(Rejection::Unclear) }
    }

    /// The number, `?` for each digit that is rejected, by the names of the model's classes.
    #[must_use]
    pub fn text(&self, class_names: &[String]) -> String {
        let name = |digit: &Digit| match digit.answer.class().and_then(|at| class_names.get(at)) {
            Some(name) => name.clone(),
            None => UNKNOWN.to_owned(),
        };
        self.digits.iter().map(name).collect()
    }

    /// The probability that all digits are right, if they are independent: the product of their
    /// confidences. None of a line without digits.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        let predictions = self.digits.iter().filter_map(|digit| digit.answer.prediction.as_ref());
        predictions.map(model::Prediction::confidence).reduce(|product, one| product * one)
    }
}
