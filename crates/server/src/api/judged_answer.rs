//! An answer judged by a threshold, or by those of a multi-label model.

use model::MultiLabel;
use reader::{Answer, DEFAULT_THRESHOLD, Judgement, Rejection};

/// Separates the names of several classes.
const SEPARATOR: &str = ";";

/// What is left of an answer.
pub struct JudgedAnswer {
    /// The class, or the classes, separated by `;`; `?` if the answer is rejected.
    pub text: String,
    /// Why it is rejected.
    pub rejection: Option<Rejection>,
    /// The classes of a multi-label model that reach their thresholds, and their probabilities.
    pub labels: Option<Vec<(usize, f64)>>,
}

impl JudgedAnswer {
    /// Judges by `threshold`; without one, by the default, or a multi-label model by its own thresholds.
    pub fn new(
        answer: &Answer,
        class_names: &[String],
        multi_label: Option<&MultiLabel>,
        threshold: Option<f64>,
    ) -> Self {
        let Some(own) = multi_label else {
            let judgement = answer.judge(threshold.unwrap_or(DEFAULT_THRESHOLD));
            let text = judgement.text(class_names).to_owned();
            return Self { text, rejection: judgement.rejection(), labels: None };
        };
        match answer.labels(&own.with_threshold(threshold)) {
            Ok(labels) => {
                let names = labels.iter().map(|(class, _)| class_names[*class].as_str());
                let text = names.collect::<Vec<_>>().join(SEPARATOR);
                Self { text, rejection: None, labels: Some(labels) }
            }
            Err(reason) => {
                let text = Judgement::Rejected(reason).text(class_names).to_owned();
                Self { text, rejection: Some(reason), labels: None }
            }
        }
    }
}
