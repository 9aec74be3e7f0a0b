//! What was read of one picture as a line: for people, as JSON, as CSV.

use data::printable;
use metrics::numbers::percent;
use reader::{Digit, Judgement, Line, Rejection};
use serde::Serialize;

use crate::csv_line::{csv_line, decimal};

/// What is printed about one picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadingLine {
    file: String,
    /// The number, `?` for every digit that is rejected; empty for a page without digits.
    text: String,
    /// Probability that all digits are right; none for a page without digits.
    confidence: Option<f64>,
    /// Why the number is not to be trusted.
    reason: Option<&'static str>,
    /// From left to right.
    digits: Vec<DigitOnPage>,
}

/// A digit, and its box in pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct DigitOnPage {
    /// The class, or `?`.
    answer: String,
    /// The most probable class.
    class: String,
    confidence: f64,
    reason: Option<&'static str>,
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

impl DigitOnPage {
    fn new(digit: &Digit, judgement: Judgement, class_names: &[String]) -> Self {
        let class = class_names.get(digit.prediction.class);
        Self {
            answer: judgement.text(class_names).to_owned(),
            class: class.cloned().unwrap_or_default(),
            confidence: digit.confidence,
            reason: judgement.rejection().map(Rejection::name),
            left: digit.bounds.left,
            top: digit.bounds.top,
            width: digit.bounds.width(),
            height: digit.bounds.height(),
        }
    }
}

impl ReadingLine {
    /// The line of a picture, judged by `threshold`.
    #[must_use]
    pub fn new(file: String, line: &Line, threshold: f64, class_names: &[String]) -> Self {
        let judgement = line.judge(threshold);
        let judged = line.digits.iter().zip(&judgement.digits);
        Self {
            file,
            text: judgement.text(class_names),
            confidence: line.confidence(),
            reason: judgement.rejection.map(Rejection::name),
            digits: judged
                .map(|(digit, found)| DigitOnPage::new(digit, *found, class_names))
                .collect(),
        }
    }

    /// The line as JSON.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    /// The header of the table: a row for every digit.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv_header() -> anyhow::Result<String> {
        let fields = [
            "file",
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

    /// The rows of the digits; one row with empty cells for a page without digits.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(&self) -> anyhow::Result<String> {
        if self.digits.is_empty() {
            let mut fields = vec![String::new(); 11];
            fields[0].clone_from(&self.file);
            self.reason.unwrap_or_default().clone_into(&mut fields[6]);
            return csv_line(&fields);
        }
        let rows: anyhow::Result<Vec<String>> = self
            .digits
            .iter()
            .enumerate()
            .map(|(index, digit)| {
                csv_line(&[
                    self.file.clone(),
                    self.text.clone(),
                    (index + 1).to_string(),
                    digit.answer.clone(),
                    digit.class.clone(),
                    decimal(digit.confidence),
                    digit.reason.unwrap_or_default().to_owned(),
                    digit.left.to_string(),
                    digit.top.to_string(),
                    digit.width.to_string(),
                    digit.height.to_string(),
                ])
            })
            .collect();
        Ok(rows?.join("\n"))
    }

    /// `page.png: 4711  98.20 %  [4 99.90 %, 7 99.80 %, 1 98.60 %, 1 99.90 %]`, and
    /// `blank.png: ?  (blank)`.
    #[must_use]
    pub fn text(&self) -> String {
        let file = printable(&self.file);
        let Some(confidence) = self.confidence else {
            return format!("{file}: ?  ({})", self.reason.unwrap_or_default());
        };
        let reason = self.reason.map(|reason| format!("  ({reason})")).unwrap_or_default();
        let digit = |digit: &DigitOnPage| {
            format!("{} {}", printable(&digit.class), percent(digit.confidence, 2))
        };
        let digits: Vec<String> = self.digits.iter().map(digit).collect();
        format!(
            "{file}: {}  {}{reason}  [{}]",
            printable(&self.text),
            percent(confidence, 2),
            digits.join(", ")
        )
    }
}
