//! A line of digits that was read from a picture, before it is judged.

use data::Image;
use ink::BoundingBox;
use model::Prediction;

use crate::answer::ranked;
use crate::judgement::{Judgement, Rejection};

/// The number on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// From left to right; empty if the page is blank or unclear.
    pub digits: Vec<Digit>,
    /// Whether the ink can be a line of digits at all; a blank page is clear, too.
    is_clear: bool,
}

/// One digit of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Digit {
    /// The class that the model predicts, with the probabilities of all classes.
    pub prediction: Prediction,
    /// Probability that a digit of that class is at this position, 0 to 1: the network's probability
    /// times the probability of this division of the line.
    pub confidence: f64,
    /// The digit's bounding box in the picture, in pixels.
    pub bounds: BoundingBox,
    /// The network's input.
    pub image: Image,
}

/// A line judged by a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineJudgement {
    /// One for each digit, in order.
    pub digits: Vec<Judgement>,
    /// Why the line is rejected: it has no digits, or one of them is rejected. `None` if the line is
    /// accepted.
    pub rejection: Option<Rejection>,
}

impl Line {
    /// A line of these digits; without any, the page is blank.
    pub(crate) fn new(digits: Vec<Digit>) -> Self {
        Self { digits, is_clear: true }
    }

    /// A page with ink that is not a line of digits.
    pub(crate) fn unclear() -> Self {
        Self { digits: Vec::new(), is_clear: false }
    }

    /// Rejects the digits with a confidence below `threshold` (0 to 1), and the line if it has no
    /// digits or one of them is rejected.
    #[must_use]
    pub fn judge(&self, threshold: f64) -> LineJudgement {
        let digits: Vec<Judgement> =
            self.digits.iter().map(|digit| digit.judge(threshold)).collect();
        let rejection = if !self.is_clear {
            Some(Rejection::Unclear)
        } else if digits.is_empty() {
            Some(Rejection::Blank)
        } else {
            digits.iter().find_map(|digit| digit.rejection())
        };
        LineJudgement { digits, rejection }
    }

    /// The probability that all digits are correct, if they are independent: the product of their
    /// confidences. `None` for a line without digits.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.digits.iter().map(|digit| digit.confidence).reduce(|product, one| product * one)
    }
}

impl Digit {
    /// The predicted class's index, unless the confidence is below `threshold` (0 to 1).
    #[must_use]
    pub fn judge(&self, threshold: f64) -> Judgement {
        Judgement::of_clear(&self.prediction, self.confidence, threshold)
    }

    /// All classes with the network's probabilities, the most probable first.
    #[must_use]
    pub fn ranked(&self) -> Vec<(usize, f64)> {
        ranked(&self.prediction)
    }
}

impl LineJudgement {
    /// The number by the names of the model's classes, with `?` for each digit that is rejected.
    #[must_use]
    pub fn text(&self, class_names: &[String]) -> String {
        self.digits.iter().map(|digit| digit.text(class_names)).collect()
    }
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    fn digit(class: usize, confidence: f64) -> Digit {
        let shape = ImageShape { channels: 1, height: 1, width: 1 };
        Digit {
            prediction: Prediction { class, log_probabilities: vec![-1.0; 2] },
            confidence,
            bounds: BoundingBox { left: 0, top: 0, right: 1, bottom: 1 },
            image: Image::new(shape, vec![0]).unwrap(),
        }
    }

    #[test]
    fn a_line_is_rejected_with_its_least_confident_digit() {
        let line = Line::new(vec![digit(1, 0.9), digit(0, 0.6)]);
        let names = ["0", "1"].map(str::to_owned);
        for (threshold, text, rejection) in
            [(0.5, "10", None), (0.7, "1?", Some(Rejection::Unsure))]
        {
            let judgement = line.judge(threshold);
            assert_eq!((judgement.text(&names), judgement.rejection), (text.to_owned(), rejection));
        }
    }

    #[test]
    fn a_line_without_digits_is_rejected_at_every_threshold() {
        assert_eq!(Line::new(Vec::new()).judge(0.0).rejection, Some(Rejection::Blank));
        assert_eq!(Line::unclear().judge(0.0).rejection, Some(Rejection::Unclear));
        assert_eq!(Line::unclear().confidence(), None);
    }
}
