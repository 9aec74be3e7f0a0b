//! One picture's classes, of a model that predicts any number of them, as a line: for people, as JSON, as
//! CSV.

use data::printable;
use model::MultiLabel;
use reader::{Answer, Rejection};
use serde::Serialize;

use crate::csv_line::{csv_line, decimal};
use crate::ranked_class::{RankedClass, ranking_cells, ranking_headings};

/// Separates several classes, as in a file of labels.
const SEPARATOR: &str = ";";

/// What is printed about one picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelsLine {
    file: String,
    /// The predicted classes, the most probable first; empty if there are none.
    labels: Vec<RankedClass>,
    /// Why there is no answer.
    reason: Option<&'static str>,
    /// The most probable classes, best first.
    classes: Vec<RankedClass>,
}

impl LabelsLine {
    /// The line of a picture, with the classes that reach their thresholds and its `top_k` most
    /// probable classes.
    #[must_use]
    pub fn new(
        file: String,
        answer: &Answer,
        multi_label: &MultiLabel,
        class_names: &[String],
        top_k: usize,
    ) -> Self {
        let named = |ranked| RankedClass::new(ranked, class_names);
        let judged = answer.labels(multi_label);
        let reason = judged.as_ref().err().copied().map(Rejection::name);
        let labels = judged.unwrap_or_default().into_iter().map(named).collect();
        let classes = RankedClass::of(answer, class_names, top_k);
        Self { file, labels, reason, classes }
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
        let mut fields = ["file", "labels", "probabilities", "reason"].map(str::to_owned).to_vec();
        fields.extend(ranking_headings(top_k));
        csv_line(&fields)
    }

    /// The line as a row below [`Self::csv_header`] of the same `top_k`; several classes and their
    /// probabilities are separated by `;`.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(&self, top_k: usize) -> anyhow::Result<String> {
        let joined = |text: fn(&RankedClass) -> String| {
            self.labels.iter().map(text).collect::<Vec<_>>().join(SEPARATOR)
        };
        let mut fields = vec![
            self.file.clone(),
            joined(|label| label.class.clone()),
            joined(|label| decimal(label.probability)),
            self.reason.unwrap_or_default().to_owned(),
        ];
        fields.extend(ranking_cells(&self.classes, top_k));
        csv_line(&fields)
    }

    /// `street.png: car 99.98 %, tree 70.12 %`; `none` if no class reaches its threshold, `?` without an
    /// answer; with more classes `[car 99.98 %, tree 70.12 %, dog 0.10 %]` behind it.
    #[must_use]
    pub fn text(&self) -> String {
        let list = |classes: &[RankedClass]| {
            classes.iter().map(RankedClass::text).collect::<Vec<_>>().join(", ")
        };
        let answer = match self.reason {
            Some(reason) => format!("?  ({reason})"),
            None if self.labels.is_empty() => "none".to_owned(),
            None => list(&self.labels),
        };
        let ranking = if self.classes.len() > 1 {
            format!("  [{}]", list(&self.classes))
        } else {
            String::new()
        };
        format!("{}: {answer}{ranking}", printable(&self.file))
    }
}

#[cfg(test)]
mod tests {
    use model::Prediction;

    use super::*;

    fn line(probabilities: [f64; 3], thresholds: [f64; 3], top_k: usize) -> LabelsLine {
        let answer = Answer::Clear(Prediction::of(probabilities.map(f64::ln).to_vec()));
        let names = ["car", "tree", "a,b"].map(str::to_owned);
        let multi_label = MultiLabel { thresholds: thresholds.to_vec() };
        LabelsLine::new("x.png".to_owned(), &answer, &multi_label, &names, top_k)
    }

    #[test]
    fn all_classes_that_reach_their_thresholds_are_printed() {
        let several = line([0.5, 0.25, 0.75], [0.5, 0.3, 0.5], 1);
        assert_eq!(several.text(), "x.png: a,b 75.00 %, car 50.00 %");
        assert_eq!(
            several.csv(1).unwrap(),
            "x.png,\"a,b;car\",0.750000;0.500000,,\"a,b\",0.750000"
        );
        let json: serde_json::Value = serde_json::from_str(&several.json().unwrap()).unwrap();
        assert_eq!(json["labels"][1]["class"], "car");
        assert_eq!((&json["reason"], json["classes"].as_array().unwrap().len()), (&().into(), 1));
    }

    #[test]
    fn a_files_name_does_not_command_the_terminal() {
        let named = LabelsLine { file: "a\x1b[2J\nb".to_owned(), ..line([0.5; 3], [0.9; 3], 1) };
        assert!(!named.text().contains(['\x1b', '\n']), "{}", named.text());
    }

    #[test]
    fn no_class_is_an_answer_and_no_number_is_none() {
        let nothing = line([0.5, 0.25, 0.75], [0.9; 3], 2);
        assert_eq!(nothing.text(), "x.png: none  [a,b 75.00 %, car 50.00 %]");
        assert!(nothing.csv(0).unwrap().starts_with("x.png,,,"));
        let overflow = line([f64::NAN, 0.25, 0.75], [0.5; 3], 1);
        assert_eq!(overflow.text(), "x.png: ?  (unsure)");
    }
}
