//! An answer judged by a threshold, or by those of a multi-label model.

use model::{Calibration, MultiLabel};
use reader::{Answer, Judgement, Rejection, Threshold};

use crate::inference::served_model::ServedModel;

/// Separates the names of several classes.
const SEPARATOR: &str = ";";

/// What a model's answers are judged by.
#[derive(Clone, Copy)]
pub struct AnswerRules<'a> {
    pub class_names: &'a [String],
    pub multi_label: Option<&'a MultiLabel>,
    pub calibration: Option<&'a Calibration>,
}

impl<'a> From<&'a ServedModel> for AnswerRules<'a> {
    fn from(model: &'a ServedModel) -> Self {
        Self {
            class_names: &model.class_names,
            multi_label: model.multi_label.as_ref(),
            calibration: model.calibration.as_ref(),
        }
    }
}

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
    /// Judges by the model's rules and the confidence that a client asks for, if it does.
    pub fn new(answer: &Answer, rules: AnswerRules, threshold: Option<f64>) -> Self {
        let class_names = rules.class_names;
        let Some(own) = rules.multi_label else {
            let judgement = answer.judge(&Threshold::new(rules.calibration, threshold));
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
