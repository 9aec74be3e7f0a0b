//! One picture's answer as a line: for people, as JSON, as CSV.

use data::printable;
use metrics::numbers::percent;
use reader::{Answer, Rejection, Threshold};
use serde::Serialize;

use crate::csv_line::{csv_line, decimal};
use crate::ranked_class::{RankedClass, ranking_cells, ranking_headings};

/// What is printed about one picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PredictionLine {
    file: String,
    /// The class, or `?`.
    answer: String,
    /// Probability of the most probable class; none for a blank page.
    confidence: Option<f64>,
    /// How far the prediction is from equally probable classes, in nats; none for a blank page, and if the
    /// network's numbers overflow.
    score: Option<f64>,
    /// Why the answer is `?`.
    reason: Option<&'static str>,
    /// The same for people.
    #[serde(skip)]
    reason_text: Option<&'static str>,
    /// The most probable classes, best first.
    classes: Vec<RankedClass>,
}

impl PredictionLine {
    /// The line of a picture, judged by `threshold`, with its `top_k` most probable classes.
    #[must_use]
    pub fn new(
        file: String,
        answer: &Answer,
        threshold: &Threshold,
        class_names: &[String],
        top_k: usize,
    ) -> Self {
        let judgement = answer.judge(threshold);
        Self {
            file,
            answer: judgement.text(class_names).to_owned(),
            confidence: answer.prediction().map(model::Prediction::confidence),
            score: answer
                .prediction()
                .map(model::Prediction::score)
                .filter(|score| score.is_finite()),
            reason: judgement.rejection().map(Rejection::name),
            reason_text: judgement.rejection().map(Rejection::text),
            classes: RankedClass::of(answer, class_names, top_k),
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
        let mut fields =
            ["file", "answer", "confidence", "score", "reason"].map(str::to_owned).to_vec();
        fields.extend(ranking_headings(top_k));
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
            self.score.map(decimal).unwrap_or_default(),
            self.reason.unwrap_or_default().to_owned(),
        ];
        fields.extend(ranking_cells(&self.classes, top_k));
        csv_line(&fields)
    }

    /// `seven.png: 7  99.98 %`, with more classes `(7 99.98 %, 1 0.01 %)` behind it.
    #[must_use]
    pub fn text(&self) -> String {
        let ranked: Vec<String> = self.classes.iter().map(RankedClass::text).collect();
        let judged = match (self.reason_text, self.confidence) {
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

#[cfg(test)]
mod tests {
    use model::{Calibration, Prediction};

    use super::*;

    #[test]
    fn a_picture_unlike_the_training_images_is_rejected_with_the_reason_and_the_guess() {
        let answer = Answer::Clear(Prediction::of([0.5_f64, 0.5].map(f64::ln).to_vec()));
        let names = ["a", "b"].map(str::to_owned);
        let calibration = Calibration {
            temperature: 1.0,
            test_time_augmentation_below: 0.0,
            score_threshold: 0.1,
        };
        let threshold = Threshold::new(Some(&calibration), None);
        let line = PredictionLine::new("x.png".to_owned(), &answer, &threshold, &names, 1);
        assert_eq!(line.text(), "x.png: ?  (unlike the training images: a 50.00 %)");
        let row = "x.png,?,0.500000,0.000000,out_of_distribution,a,0.500000";
        assert_eq!(line.csv(1).unwrap(), row);
        let json: serde_json::Value = serde_json::from_str(&line.json().unwrap()).unwrap();
        assert_eq!(
            (&json["reason"], &json["answer"]),
            (&"out_of_distribution".into(), &"?".into())
        );
        assert!(json["score"].as_f64().unwrap().abs() < 1e-9 && json.get("reason_text").is_none());
    }
}
