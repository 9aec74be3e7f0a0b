//! Answers about lines of digits as JSON.

use reader::{BoundingBox, Digit, Judgement, LineMark, Reading, Rejection};
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
    pub answers: Vec<Outcome<ReadingAnswer>>,
}

/// The numbers on a picture.
#[derive(Serialize, ToSchema)]
pub struct ReadingAnswer {
    /// The file name, if the form has one.
    name: Option<String>,
    /// The digits and marks, with `?` for each that is rejected, and a line of text for each line;
    /// empty for a blank page.
    text: String,
    /// Whether a digit or a mark is rejected, the page is blank or unclear, or has several lines.
    rejected: bool,
    /// Why it is rejected: `blank`, `unclear`, `unsure`, `mark`, or `lines` for several lines, of which
    /// each has its own answer in `lines`.
    #[schema(example = "unsure")]
    reason: Option<&'static str>,
    /// From top to bottom.
    lines: Vec<LineAnswer>,
    /// Line by line, from left to right.
    digits: Vec<DigitAnswer>,
    /// What stands between the digits, line by line, from left to right.
    marks: Vec<MarkAnswer>,
    /// Ink that is not read.
    ignored: Vec<IgnoredInk>,
}

/// A line of digits.
#[derive(Serialize, ToSchema)]
struct LineAnswer {
    /// The digits and marks, with `?` for each that is rejected.
    text: String,
    /// Whether a digit or a mark is rejected.
    rejected: bool,
    /// Why it is rejected: `unsure` or `mark`.
    reason: Option<&'static str>,
    /// First column of the bounding box, in pixels of the picture.
    left: u32,
    /// First row of the bounding box.
    top: u32,
    width: u32,
    height: u32,
}

/// A digit of a line.
#[derive(Serialize, ToSchema)]
struct DigitAnswer {
    /// Number of its line, from 1.
    line: usize,
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

/// A mark between the digits of a line.
#[derive(Serialize, ToSchema)]
struct MarkAnswer {
    /// Number of its line, from 1.
    line: usize,
    /// Number of digits of the line to the left of it.
    position: usize,
    /// The mark, or `?` if it is unknown.
    text: &'static str,
    /// `point`, `comma`, `minus`, `slash`, `space` or `unknown`.
    #[schema(example = "point")]
    kind: &'static str,
    /// First column of the bounding box, in pixels of the picture.
    left: u32,
    /// First row of the bounding box.
    top: u32,
    width: u32,
    height: u32,
}

/// Ink that is not read.
#[derive(Serialize, ToSchema)]
struct IgnoredInk {
    /// `mark` for an unknown mark, `ruling` for a ruled line, `apart` for ink that belongs to no line.
    #[schema(example = "ruling")]
    reason: &'static str,
    /// First column of the bounding box, in pixels of the picture.
    left: u32,
    /// First row of the bounding box.
    top: u32,
    width: u32,
    height: u32,
}

impl ReadingAnswer {
    /// Judges the lines by the query's threshold.
    pub fn new(
        name: Option<String>,
        reading: &Reading,
        class_names: &[String],
        query: &AnswerQuery,
    ) -> Self {
        let judgement = reading.judge_one_line(query.digit_threshold());
        let judged = || (1..).zip(reading.lines.iter().zip(&judgement.lines));
        let lines = judged().map(|(_, (line, judged))| LineAnswer {
            text: judged.text(class_names),
            rejected: judged.rejection.is_some(),
            reason: judged.rejection.map(Rejection::name),
            left: line.bounds.left,
            top: line.bounds.top,
            width: line.bounds.width(),
            height: line.bounds.height(),
        });
        let digits = judged().flat_map(|(number, (line, judged))| {
            let digits = line.digits.iter().zip(&judged.digits);
            digits.map(move |(digit, judged)| {
                DigitAnswer::new(number, digit, *judged, class_names, query)
            })
        });
        let marks = judged().flat_map(|(number, (line, _))| {
            line.marks.iter().map(move |mark| MarkAnswer::new(number, mark))
        });
        let ignored = |&(bounds, reason): &(BoundingBox, _)| IgnoredInk {
            reason,
            left: bounds.left,
            top: bounds.top,
            width: bounds.width(),
            height: bounds.height(),
        };
        Self {
            name,
            text: judgement.text(class_names),
            rejected: judgement.rejection.is_some(),
            reason: judgement.rejection.map(Rejection::name),
            lines: lines.collect(),
            digits: digits.collect(),
            marks: marks.collect(),
            ignored: reading.unread().iter().map(ignored).collect(),
        }
    }
}

impl DigitAnswer {
    fn new(
        line: usize,
        digit: &Digit,
        judgement: Judgement,
        class_names: &[String],
        query: &AnswerQuery,
    ) -> Self {
        let Digit { prediction, confidence, bounds, image, .. } = digit;
        Self {
            line,
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

impl MarkAnswer {
    fn new(line: usize, mark: &LineMark) -> Self {
        let LineMark { position, bounds, .. } = mark;
        Self {
            line,
            position: *position,
            text: mark.text(),
            kind: mark.name(),
            left: bounds.left,
            top: bounds.top,
            width: bounds.width(),
            height: bounds.height(),
        }
    }
}
