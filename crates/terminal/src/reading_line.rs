//! What was read of one picture: for people, as JSON, as CSV.

use data::printable;
use metrics::numbers::percent;
use reader::{BoundingBox, Digit, Judgement, LineMark, Reading, Rejection};
use serde::Serialize;

use crate::csv_line::{csv_line, decimal};

/// What is printed about one picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadingLine {
    file: String,
    /// The number, with `?` for what is rejected, and a line of text for every line; empty for a page
    /// without digits.
    text: String,
    /// Probability that all digits are right; none for a page without digits.
    confidence: Option<f64>,
    /// Why the number is not to be trusted.
    reason: Option<&'static str>,
    /// From top to bottom.
    lines: Vec<LineOnPage>,
    /// Line by line, from left to right.
    digits: Vec<DigitOnPage>,
    /// Line by line, from left to right.
    marks: Vec<MarkOnPage>,
    /// Ink that is not read.
    ignored: Vec<IgnoredInk>,
}

/// A bounding box in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct PixelBox {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

/// A line of the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct LineOnPage {
    text: String,
    confidence: Option<f64>,
    reason: Option<&'static str>,
    #[serde(flatten)]
    bounds: PixelBox,
}

/// A digit, and its box in pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct DigitOnPage {
    /// Number of its line, from 1.
    line: usize,
    /// The class, or `?`.
    answer: String,
    /// The most probable class.
    class: String,
    confidence: f64,
    reason: Option<&'static str>,
    #[serde(flatten)]
    bounds: PixelBox,
}

/// A mark between digits.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct MarkOnPage {
    /// Number of its line, from 1.
    line: usize,
    /// Number of digits of the line to the left of it.
    position: usize,
    text: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    bounds: PixelBox,
}

/// Ink that is not read.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct IgnoredInk {
    reason: &'static str,
    #[serde(flatten)]
    bounds: PixelBox,
}

impl PixelBox {
    fn new(bounds: &BoundingBox) -> Self {
        let (width, height) = (bounds.width(), bounds.height());
        Self { left: bounds.left, top: bounds.top, width, height }
    }
}

impl DigitOnPage {
    fn new(line: usize, digit: &Digit, judgement: Judgement, class_names: &[String]) -> Self {
        let class = class_names.get(digit.prediction.class);
        Self {
            line,
            answer: judgement.text(class_names).to_owned(),
            class: class.cloned().unwrap_or_default(),
            confidence: digit.confidence,
            reason: judgement.rejection().map(Rejection::name),
            bounds: PixelBox::new(&digit.bounds),
        }
    }
}

impl MarkOnPage {
    fn new(line: usize, mark: &LineMark) -> Self {
        let LineMark { position, bounds, .. } = mark;
        let bounds = PixelBox::new(bounds);
        Self { line, position: *position, text: mark.text(), kind: mark.name(), bounds }
    }
}

impl ReadingLine {
    /// What was read of a picture, judged by `threshold`. Without `allow_lines`, a page with several
    /// lines is rejected.
    #[must_use]
    pub fn new(
        file: String,
        reading: &Reading,
        threshold: f64,
        allow_lines: bool,
        class_names: &[String],
    ) -> Self {
        let judgement =
            if allow_lines { reading.judge(threshold) } else { reading.judge_one_line(threshold) };
        let judged = || (1..).zip(reading.lines.iter().zip(&judgement.lines));
        let lines = judged().map(|(_, (line, judged))| LineOnPage {
            text: judged.text(class_names),
            confidence: line.confidence(),
            reason: judged.rejection.map(Rejection::name),
            bounds: PixelBox::new(&line.bounds),
        });
        let digits = judged().flat_map(|(number, (line, judged))| {
            let digits = line.digits.iter().zip(&judged.digits);
            digits.map(move |(digit, judged)| DigitOnPage::new(number, digit, *judged, class_names))
        });
        let marks = judged().flat_map(|(number, (line, _))| {
            line.marks.iter().map(move |mark| MarkOnPage::new(number, mark))
        });
        let ignored = |&(bounds, reason): &(BoundingBox, _)| IgnoredInk {
            reason,
            bounds: PixelBox::new(&bounds),
        };
        Self {
            file,
            text: judgement.text(class_names),
            confidence: reading.confidence(),
            reason: judgement.rejection.map(Rejection::name),
            lines: lines.collect(),
            digits: digits.collect(),
            marks: marks.collect(),
            ignored: reading.unread().iter().map(ignored).collect(),
        }
    }

    /// The reading as JSON.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    /// The header of the table: a row for every digit and every mark.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv_header() -> anyhow::Result<String> {
        let fields = [
            "file",
            "line",
            "text",
            "position",
            "answer",
            "class",
            "confidence",
            "reason",
            "left",
            "top",
            "width",
            "height",
        ];
        csv_line(&fields.map(str::to_owned))
    }

    /// The rows of the digits, line by line; `text` is that of the digit's line. One row with empty
    /// cells for a page without digits, and for one with several lines where one is expected.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(&self) -> anyhow::Result<String> {
        if self.digits.is_empty() || self.has_too_many_lines() {
            let mut fields = vec![String::new(); 12];
            fields[0].clone_from(&self.file);
            self.reason.unwrap_or_default().clone_into(&mut fields[7]);
            return csv_line(&fields);
        }
        let mut rows = Vec::new();
        for (number, line) in (1..).zip(&self.lines) {
            let digits = self.digits.iter().filter(|digit| digit.line == number);
            for (position, digit) in (1_usize..).zip(digits) {
                let reason = digit.reason.or(line.reason).unwrap_or_default();
                rows.push(csv_line(&[
                    self.file.clone(),
                    number.to_string(),
                    line.text.clone(),
                    position.to_string(),
                    digit.answer.clone(),
                    digit.class.clone(),
                    decimal(digit.confidence),
                    reason.to_owned(),
                    digit.bounds.left.to_string(),
                    digit.bounds.top.to_string(),
                    digit.bounds.width.to_string(),
                    digit.bounds.height.to_string(),
                ])?);
            }
        }
        Ok(rows.join("\n"))
    }

    /// `page.png: 4711  98.20 %  [4 99.90 %, 7 99.80 %, 1 98.60 %, 1 99.90 %]`,
    /// `blank.png: ?  (blank)`, and a row for each of several lines: `page.png, line 2: …`.
    #[must_use]
    pub fn text(&self) -> String {
        let file = printable(&self.file);
        if self.has_too_many_lines() {
            let count = self.lines.len();
            return format!("{file}: ?  ({count} lines found: use --lines)");
        }
        if self.lines.is_empty() {
            return format!("{file}: ?  ({})", self.reason.unwrap_or_default());
        }
        let rows: Vec<String> =
            (1..).zip(&self.lines).map(|(number, line)| self.line_text(number, line)).collect();
        rows.join("\n")
    }

    fn line_text(&self, number: usize, line: &LineOnPage) -> String {
        let file = printable(&self.file);
        let name =
            if self.lines.len() > 1 { format!("{file}, line {number}") } else { file.into_owned() };
        let reason = line.reason.map(|reason| format!("  ({reason})")).unwrap_or_default();
        let digits: Vec<String> = self
            .digits
            .iter()
            .filter(|digit| digit.line == number)
            .map(|digit| format!("{} {}", printable(&digit.class), percent(digit.confidence, 2)))
            .collect();
        let confidence = percent(line.confidence.unwrap_or_default(), 2);
        format!("{name}: {}  {confidence}{reason}  [{}]", printable(&line.text), digits.join(", "))
    }

    fn has_too_many_lines(&self) -> bool {
        self.reason == Some(Rejection::Lines.name())
    }
}
