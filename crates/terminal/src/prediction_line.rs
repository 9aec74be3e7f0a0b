//! One picture's answer as a line: for people, as JSON, as CSV.

use data::printable;
use metrics::numbers::percent;
use reader::{Answer, Rejection};
use serde::Serialize;

use crate::csv_line::{csv_line, decimal};

/// A class and how probable it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedClass {
    pub class: String,
    pub probability: f64,
}

/// What is printed about one picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionLine {
    file: String,
    /// The class, or `?`.
    answer: String,
    /// Probability of the most probable class; none for a blank page.
    confidence: Option<f64>,
    /// Why the answer is `?`.
    reason: Option<&'static str>,
    /// The most probable classes, best first.
    classes: Vec<RankedClass>,
}

impl PredictionLine {
    /// The line of a picture, judged by `threshold`, with its `top_k` most probable classes.
    #[must_use]
    pub fn new(
        file: String,
        answer: &Answer,
        threshold: f64,
        class_names: &[String],
        top_k: usize,
    ) -> Self {
        let judgement = answer.judge(threshold);
        let classes = answer.ranked().into_iter().take(top_k);
        let classes = classes
            .map(|(class, probability)| RankedClass {
                class: class_names[class].clone(),
                probability,
            })
            .collect();
        Self {
            file,
            answer: judgement.text(class_names).to_owned(),
            confidence: answer.prediction().map(model::Prediction::confidence),
            reason: judgement.rejection().map(Rejection::name),
            classes,
        }
    }

    /// The line as JSON.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    /// The header of the table.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv_header(top_k: usize) -> anyhow::Result<String> {
        let mut fields = ["file", "answer", "confidence", "reason"].map(str::to_owned).to_vec();
        for rank in 1..=top_k {
            fields.extend([format!("class_{rank}"), format!("probability_{rank}")]);
        }
        csv_line(&fields)
    }

    /// The line as a row below [`Self::csv_header`] of the same `top_k`; cells of classes that a
    /// blank page or a small model does not have are empty.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(&self, top_k: usize) -> anyhow::Result<String> {
        let mut fields = vec![
            self.file.clone(),
            self.answer.clone(),
            self.confidence.map(decimal).unwrap_or_default(),
            self.reason.unwrap_or_default().to_owned(),
        ];
        for rank in 0..top_k {
            let ranked = self.classes.get(rank);
            fields.push(ranked.map(|ranked| ranked.class.clone()).unwrap_or_default());
            fields.push(ranked.map(|ranked| decimal(ranked.probability)).unwrap_or_default());
        }
        csv_line(&fields)
    }

    /// `seven.png: 7  99.98 %`, with more classes `(7 99.98 %, 1 0.01 %)` behind it.
    #[must_use]
    pub fn text(&self) -> String {
        let ranked: Vec<String> = self.classes.iter().map(RankedClass::text).collect();
        let judged = match (self.reason, self.confidence) {
            (None, Some(confidence)) => format!("  {}", percent(confidence, 2)),
            // What it would have been, for people to judge.
            (Some(reason), Some(_)) => format!("  ({reason}: {})", ranked[..1].concat()),
            (Some(reason), None) => format!("  ({reason})"),
            (None, None) => String::new(),
        };
        let ranking =
            if ranked.len() > 1 { format!("  [{}]", ranked.join(", ")) } else { String::new() };
        format!("{}: {}{judged}{ranking}", printable(&self.file), printable(&self.answer))
    }
}

impl RankedClass {
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", printable(&self.class), percent(self.probability, 2))
    }
}
