//! What was read from a picture, before it is judged: its lines of digits.

use ink::{BoundingBox, Ignored, MarkKind};

use crate::judgement::Rejection;
use crate::line::{Line, LineJudgement};

/// The lines of digits on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// From top to bottom; empty if the page is blank or unclear.
    pub lines: Vec<Line>,
    /// Ink that belongs to no line, and ruled lines.
    pub ignored: Vec<Ignored>,
    /// Whether the ink can be lines of digits at all; a blank page is clear, too.
    is_clear: bool,
}

/// A reading judged by a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingJudgement {
    /// One for each line, in order.
    pub lines: Vec<LineJudgement>,
    /// Why the reading is rejected: there are no lines, or one of them is rejected. `None` if it is
    /// accepted.
    pub rejection: Option<Rejection>,
}

impl Reading {
    /// The lines of a page; without any, the page is blank.
    pub(crate) fn new(lines: Vec<Line>, ignored: Vec<Ignored>) -> Self {
        Self { lines, ignored, is_clear: true }
    }

    /// A page with ink that is not lines of digits.
    pub(crate) fn unclear() -> Self {
        Self { lines: Vec::new(), ignored: Vec::new(), is_clear: false }
    }

    /// Judges all lines by `threshold` (0 to 1); see [`Line::judge`]. The reading is rejected if there
    /// are no lines, or one of them is rejected.
    #[must_use]
    pub fn judge(&self, threshold: f64) -> ReadingJudgement {
        let lines: Vec<LineJudgement> =
            self.lines.iter().map(|line| line.judge(threshold)).collect();
        let rejection = if !self.is_clear {
            Some(Rejection::Unclear)
        } else if lines.is_empty() {
            Some(Rejection::Blank)
        } else {
            lines.iter().find_map(|line| line.rejection)
        };
        ReadingJudgement { lines, rejection }
    }

    /// As [`Self::judge`], for a page that should have one line: several are rejected.
    #[must_use]
    pub fn judge_one_line(&self, threshold: f64) -> ReadingJudgement {
        let judgement = self.judge(threshold);
        let several = (self.lines.len() > 1).then_some(Rejection::Lines);
        ReadingJudgement { rejection: several.or(judgement.rejection), ..judgement }
    }

    /// The bounding boxes of all ink that is not read, with the reason as one word: `mark` for a mark
    /// that is unknown, `ruling` for a ruled line, `apart` for ink that belongs to no line.
    #[must_use]
    pub fn unread(&self) -> Vec<(BoundingBox, &'static str)> {
        let marks = self.lines.iter().flat_map(|line| &line.marks);
        let unknown = marks.filter(|mark| mark.kind == MarkKind::Unknown);
        let ignored = self
            .ignored
            .iter()
            .map(|ignored| (ignored.bounds, if ignored.is_ruling { "ruling" } else { "apart" }));
        unknown.map(|mark| (mark.bounds, "mark")).chain(ignored).collect()
    }

    /// The probability that all digits are correct, if they are independent: the product of their
    /// confidences. `None` for a page without digits.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.lines.iter().filter_map(Line::confidence).reduce(|product, one| product * one)
    }
}

impl ReadingJudgement {
    /// The lines, separated by `\n`; see [`LineJudgement::text`].
    #[must_use]
    pub fn text(&self, class_names: &[String]) -> String {
        let lines: Vec<String> = self.lines.iter().map(|line| line.text(class_names)).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use ink::BoundingBox;

    use super::*;

    fn empty_line() -> Line {
        let bounds = BoundingBox { left: 0, top: 0, right: 1, bottom: 1 };
        Line { digits: Vec::new(), marks: Vec::new(), bounds }
    }

    #[test]
    fn a_page_without_lines_is_rejected_at_every_threshold() {
        let blank = Reading::new(Vec::new(), Vec::new());
        assert_eq!(blank.judge(0.0).rejection, Some(Rejection::Blank));
        assert_eq!(Reading::unclear().judge(0.0).rejection, Some(Rejection::Unclear));
        assert_eq!(Reading::unclear().confidence(), None);
    }

    #[test]
    fn several_lines_are_rejected_where_one_is_expected() {
        let reading = Reading::new(vec![empty_line(), empty_line()], Vec::new());
        assert_eq!(reading.judge(0.5).rejection, None);
        assert_eq!(reading.judge_one_line(0.5).rejection, Some(Rejection::Lines));
    }
}
