//! A line of digits that was read from a picture, before it is judged.

use data::Image;
use ink::{BoundingBox, MarkKind};
use model::Prediction;

use crate::answer::ranked;
use crate::judgement::{Judgement, REJECTED, Rejection};

/// A line of digits and the marks between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// From left to right.
    pub digits: Vec<Digit>,
    /// From left to right.
    pub marks: Vec<LineMark>,
    /// The line's bounding box in the picture, in pixels.
    pub bounds: BoundingBox,
}

/// One digit of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Digit {
    /// The class that the model predicts, with the probabilities of all classes.
    pub prediction: Prediction,
    /// Probability that a digit of that class is at this position, 0 to 1: the network's probability
    /// times the probability of this division of the line.
    pub confidence: f64,
    /// Whether the ink may be something else than a digit, whatever the confidence is: a letter, or a
    /// slash.
    pub is_doubtful: bool,
    /// The digit's bounding box in the picture, in pixels.
    pub bounds: BoundingBox,
    /// The network's input.
    pub image: Image,
}

/// A mark between the digits of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineMark {
    /// What it is.
    pub kind: MarkKind,
    /// Number of digits to the left of it.
    pub position: usize,
    /// The mark's bounding box in the picture, in pixels.
    pub bounds: BoundingBox,
}

/// A line judged by a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineJudgement {
    /// One for each digit, in order.
    pub digits: Vec<Judgement>,
    /// The marks of the line.
    marks: Vec<LineMark>,
    /// Why the line is rejected: one of its digits is rejected, or one of its marks is unknown or not
    /// where such a mark may be. `None` if the line is accepted.
    pub rejection: Option<Rejection>,
}

impl Line {
    /// Rejects the digits with a confidence below `threshold` (0 to 1) and those that are doubtful,
    /// and the line if one of its digits is rejected or its marks make no number.
    #[must_use]
    pub fn judge(&self, threshold: f64) -> LineJudgement {
        let digits: Vec<Judgement> =
            self.digits.iter().map(|digit| digit.judge(threshold)).collect();
        let of_digits = digits.iter().find_map(|digit| digit.rejection());
        let of_marks = (!self.has_valid_marks()).then_some(Rejection::Mark);
        LineJudgement { digits, marks: self.marks.clone(), rejection: of_digits.or(of_marks) }
    }

    /// Whether all marks are known, and stand where they may: a minus before a digit, a point, a comma
    /// and a slash between two digits.
    fn has_valid_marks(&self) -> bool {
        let is_mark_at = |index: usize, position: usize| {
            self.marks.get(index).is_some_and(|mark| mark.position == position)
        };
        self.marks.iter().enumerate().all(|(index, mark)| {
            let follows_digit =
                mark.position > 0 && !(index > 0 && is_mark_at(index - 1, mark.position));
            let precedes_digit =
                mark.position < self.digits.len() && !is_mark_at(index + 1, mark.position);
            match mark.kind {
                MarkKind::Unknown => false,
                MarkKind::Space => true,
                MarkKind::Minus => precedes_digit,
                MarkKind::Point | MarkKind::Comma | MarkKind::Slash => {
                    follows_digit && precedes_digit
                }
            }
        })
    }

    /// The probability that all digits are correct, if they are independent: the product of their
    /// confidences. `None` for a line without digits.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.digits.iter().map(|digit| digit.confidence).reduce(|product, one| product * one)
    }
}

impl LineMark {
    /// The mark as text; `?` for an unknown one.
    #[must_use]
    pub fn text(&self) -> &'static str {
        match self.kind {
            MarkKind::Point => ".",
            MarkKind::Comma => ",",
            MarkKind::Minus => "-",
            MarkKind::Slash => "/",
            MarkKind::Space => " ",
            MarkKind::Unknown => REJECTED,
        }
    }

    /// The kind as one word, for JSON and CSV.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kind {
            MarkKind::Point => "point",
            MarkKind::Comma => "comma",
            MarkKind::Minus => "minus",
            MarkKind::Slash => "slash",
            MarkKind::Space => "space",
            MarkKind::Unknown => "unknown",
        }
    }
}

impl Digit {
    /// The predicted class's index, unless the confidence is below `threshold` (0 to 1) or the digit
    /// is doubtful.
    #[must_use]
    pub fn judge(&self, threshold: f64) -> Judgement {
        if self.is_doubtful {
            return Judgement::Rejected(Rejection::Unsure);
        }
        Judgement::of_clear(&self.prediction, self.confidence, threshold)
    }

    /// All classes with the network's probabilities, the most probable first.
    #[must_use]
    pub fn ranked(&self) -> Vec<(usize, f64)> {
        ranked(&self.prediction)
    }
}

impl LineJudgement {
    /// The line by the names of the model's classes, with `?` for each digit that is rejected and each
    /// mark that is unknown.
    #[must_use]
    pub fn text(&self, class_names: &[String]) -> String {
        let mut text = String::new();
        for position in 0..=self.digits.len() {
            for mark in self.marks.iter().filter(|mark| mark.position == position) {
                text.push_str(mark.text());
            }
            if let Some(digit) = self.digits.get(position) {
                text.push_str(digit.text(class_names));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    const BOX: BoundingBox = BoundingBox { left: 0, top: 0, right: 1, bottom: 1 };

    fn digit(class: usize, confidence: f64) -> Digit {
        let shape = ImageShape { channels: 1, height: 1, width: 1 };
        let mut prediction = Prediction::of(vec![-1.0; 2]);
        prediction.class = class;
        Digit {
            prediction,
            confidence,
            is_doubtful: false,
            bounds: BOX,
            image: Image::new(shape, vec![0]).unwrap(),
        }
    }

    /// A line of ones, with a mark at each of these positions.
    fn line(digits: usize, marks: &[(MarkKind, usize)]) -> Line {
        let mark = |&(kind, position): &_| LineMark { kind, position, bounds: BOX };
        Line {
            digits: vec![digit(1, 0.9); digits],
            marks: marks.iter().map(mark).collect(),
            bounds: BOX,
        }
    }

    #[test]
    fn a_line_is_rejected_with_its_least_confident_digit() {
        let line = Line { digits: vec![digit(1, 0.9), digit(0, 0.6)], ..line(0, &[]) };
        let names = ["0", "1"].map(str::to_owned);
        for (threshold, text, rejection) in
            [(0.5, "10", None), (0.7, "1?", Some(Rejection::Unsure))]
        {
            let judgement = line.judge(threshold);
            assert_eq!((judgement.text(&names), judgement.rejection), (text.to_owned(), rejection));
        }
    }

    #[test]
    fn a_doubtful_digit_is_rejected_at_every_threshold() {
        let doubtful = Digit { is_doubtful: true, ..digit(1, 0.9) };
        assert_eq!(doubtful.judge(0.0), Judgement::Rejected(Rejection::Unsure));
    }

    #[test]
    fn marks_are_shown_at_their_places() {
        use MarkKind::{Comma, Minus, Point, Slash, Space, Unknown};
        let names = ["0", "1"].map(str::to_owned);
        for (marks, text, is_accepted) in [
            (&[(Minus, 0), (Point, 1)][..], "-1.11", true),
            (&[(Slash, 1), (Comma, 2)], "1/1,1", true),
            (&[(Space, 1), (Minus, 1)], "1 -11", true),
            (&[(Unknown, 2)], "11?1", false),
            (&[(Minus, 3)], "111-", false),
            (&[(Point, 0)], ".111", false),
            (&[(Point, 1), (Point, 1)], "1..11", false),
            (&[(Slash, 2), (Minus, 2)], "11/-1", false),
        ] {
            let judgement = line(3, marks).judge(0.5);
            assert_eq!(judgement.text(&names), text);
            let expected = (!is_accepted).then_some(Rejection::Mark);
            assert_eq!(judgement.rejection, expected, "{text}");
        }
    }
}
