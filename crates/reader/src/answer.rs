//! What a model answers about a picture, before it is judged.

use model::{MultiLabel, Prediction};

use crate::judgement::{Judgement, Rejection};
use crate::threshold::Threshold;

/// What a picture shows, as far as the model can tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// There is no ink on the page.
    Blank,
    /// There is ink, but not clearly one shape on paper: a text, a texture, noise. The prediction is
    /// a guess that every threshold rejects.
    Unclear(Prediction),
    /// There is clearly one shape.
    Clear(Prediction),
}

impl Answer {
    /// The model's prediction; `None` for a blank page.
    #[must_use]
    pub fn prediction(&self) -> Option<&Prediction> {
        match self {
            Self::Blank => None,
            Self::Unclear(prediction) | Self::Clear(prediction) => Some(prediction),
        }
    }

    /// The predicted class's index if the picture is clear and its prediction reaches `threshold`, else
    /// the reason for the rejection. A prediction that is not [valid](Prediction::is_valid) is unsure at
    /// every threshold.
    #[must_use]
    pub fn judge(&self, threshold: &Threshold) -> Judgement {
        match self {
            Self::Blank => Judgement::Rejected(Rejection::Blank),
            Self::Unclear(_) => Judgement::Rejected(Rejection::Unclear),
            Self::Clear(prediction) => threshold.judge(prediction),
        }
    }

    /// The classes of a multi-label model that reach their thresholds, with their probabilities, the most
    /// probable first. That there are none is an answer as well.
    ///
    /// # Errors
    /// Why there is no answer: the page is blank or unclear, or the prediction not
    /// [valid](Prediction::is_valid).
    pub fn labels(&self, multi_label: &MultiLabel) -> Result<Vec<(usize, f64)>, Rejection> {
        match self {
            Self::Blank => Err(Rejection::Blank),
            Self::Unclear(_) => Err(Rejection::Unclear),
            Self::Clear(prediction) if !prediction.is_valid() => Err(Rejection::Unsure),
            Self::Clear(prediction) => {
                let predicted = multi_label.predicted(prediction);
                let mut labels = ranked(prediction);
                labels.retain(|(class, _)| predicted.contains(class));
                Ok(labels)
            }
        }
    }

    /// All classes with their probabilities, the most probable first; empty for a blank page.
    #[must_use]
    pub fn ranked(&self) -> Vec<(usize, f64)> {
        self.prediction().map(ranked).unwrap_or_default()
    }
}

/// All classes with their probabilities, the most probable first.
pub(crate) fn ranked(prediction: &Prediction) -> Vec<(usize, f64)> {
    let mut ranked: Vec<(usize, f64)> =
        prediction.probabilities().into_iter().enumerate().collect();
    ranked.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class 1 with a probability of 0.7.
    fn prediction() -> Prediction {
        Prediction::of([0.2_f64, 0.7, 0.1].map(f64::ln).to_vec())
    }

    fn least(confidence: f64) -> Threshold {
        Threshold::new(None, Some(confidence))
    }

    #[test]
    fn a_clear_answer_is_rejected_below_the_threshold() {
        let answer = Answer::Clear(prediction());
        let confidence = prediction().confidence();
        assert_eq!(answer.judge(&least(confidence)), Judgement::Accepted(1));
        assert_eq!(answer.judge(&least(0.71)), Judgement::Rejected(Rejection::Unsure));
    }

    #[test]
    fn blank_and_unclear_answers_are_rejected_at_every_threshold() {
        assert_eq!(Answer::Blank.judge(&least(0.0)), Judgement::Rejected(Rejection::Blank));
        let unclear = Answer::Unclear(prediction());
        for threshold in [0.0, 1.0] {
            assert_eq!(unclear.judge(&least(threshold)), Judgement::Rejected(Rejection::Unclear));
        }
    }

    #[test]
    fn predictions_that_are_not_valid_are_rejected_at_every_threshold() {
        let nothing = Prediction::of(vec![f64::NAN; 3]);
        for threshold in [0.0, 0.5] {
            let judgement = Answer::Clear(nothing.clone()).judge(&least(threshold));
            assert_eq!(judgement, Judgement::Rejected(Rejection::Unsure));
        }
    }

    #[test]
    fn classes_are_labels_from_their_own_thresholds_up() {
        let multi_label = |thresholds: [f64; 3]| MultiLabel { thresholds: thresholds.to_vec() };
        let classes = |answer: Answer, thresholds| -> Result<Vec<usize>, Rejection> {
            let labels = answer.labels(&multi_label(thresholds))?;
            Ok(labels.into_iter().map(|(class, _)| class).collect())
        };
        let clear = Answer::Clear(prediction());
        assert_eq!(classes(clear.clone(), [0.1, 0.6, 0.2]), Ok(vec![1, 0]));
        assert_eq!(classes(clear, [0.9; 3]), Ok(Vec::new()));
        assert_eq!(classes(Answer::Blank, [0.0; 3]), Err(Rejection::Blank));
        assert_eq!(classes(Answer::Unclear(prediction()), [0.0; 3]), Err(Rejection::Unclear));
        let nothing = Prediction::of(vec![f64::NAN; 3]);
        assert_eq!(classes(Answer::Clear(nothing), [0.0; 3]), Err(Rejection::Unsure));
    }

    #[test]
    fn classes_are_ranked_by_probability() {
        let classes: Vec<usize> =
            Answer::Clear(prediction()).ranked().into_iter().map(|(class, _)| class).collect();
        assert_eq!(classes, [1, 0, 2]);
        assert_eq!(Answer::Blank.ranked(), []);
    }
}
