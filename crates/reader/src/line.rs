//! A line of digits, read.

use data::Image;
use ink::BoundingBox;

use crate::{Answer, Rejection};

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
    /// Probability that there is a digit of that class at this place, 0 to 1: the network's, times
    /// that the line is rightly divided.
    pub confidence: f64,
    /// Where it is in the picture, in pixels.
    pub bounds: BoundingBox,
    /// What the network saw.
    pub image: Image,
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
        self.digits.iter().map(|digit| digit.answer.text(class_names)).collect()
    }

    /// The probability that all digits are right, if they are independent: the product of their
    /// confidences. None of a line without digits.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.digits.iter().map(|digit| digit.confidence).reduce(|product, one| product * one)
    }
}
