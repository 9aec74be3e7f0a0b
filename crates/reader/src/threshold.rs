//! What an answer needs to be accepted.

use model::{Calibration, Prediction};

use crate::judgement::{DEFAULT_THRESHOLD, Judgement, Rejection};

/// The least confidence and the least score of an answer that is accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    confidence: f64,
    /// `None` for a model without calibration.
    score: Option<f64>,
}

impl Threshold {
    /// The threshold of a model with this calibration, where the user asks for a `confidence` (0 to 1) or
    /// not. The score alone decides for a calibrated model, unless the user also asks for a confidence;
    /// [`DEFAULT_THRESHOLD`] is the least confidence for others.
    #[must_use]
    pub fn new(calibration: Option<&Calibration>, confidence: Option<f64>) -> Self {
        let default = if calibration.is_some() { 0.0 } else { DEFAULT_THRESHOLD };
        Self {
            confidence: confidence.unwrap_or(default),
            score: calibration.map(|calibration| calibration.score_threshold),
        }
    }

    /// Judges what was predicted from clear ink.
    pub(crate) fn judge(&self, prediction: &Prediction) -> Judgement {
        // A comparison with NaN is false: it must not accept.
        let is_known = self.score.is_none_or(|least| prediction.score() >= least);
        if prediction.is_valid() && !is_known {
            return Judgement::Rejected(Rejection::OutOfDistribution);
        }
        Judgement::of_clear(prediction, prediction.confidence(), self.confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A confidence of 0.7, and a score of 0.324 nats.
    fn prediction() -> Prediction {
        Prediction::of([0.2_f64, 0.7, 0.1].map(f64::ln).to_vec())
    }

    #[test]
    fn the_score_alone_decides_for_a_calibrated_model() {
        let judge = |score_threshold, confidence| {
            let calibration = Calibration {
                temperature: 1.0,
                test_time_augmentation_below: 0.0,
                score_threshold,
            };
            Threshold::new(Some(&calibration), confidence).judge(&prediction())
        };
        assert_eq!(judge(0.32, None), Judgement::Accepted(1));
        assert_eq!(judge(0.33, None), Judgement::Rejected(Rejection::OutOfDistribution));
        assert_eq!(judge(0.33, Some(0.0)), Judgement::Rejected(Rejection::OutOfDistribution));
        assert_eq!(judge(0.32, Some(0.69)), Judgement::Accepted(1));
        assert_eq!(judge(0.32, Some(0.71)), Judgement::Rejected(Rejection::Unsure));
    }

    #[test]
    fn the_confidence_decides_without_calibration() {
        let judge = |confidence| Threshold::new(None, confidence).judge(&prediction());
        assert_eq!(judge(None), Judgement::Rejected(Rejection::Unsure));
        assert_eq!(judge(Some(0.69)), Judgement::Accepted(1));
    }

    #[test]
    fn numbers_that_overflow_are_unsure_at_every_threshold() {
        let calibration = Calibration {
            temperature: 1.0,
            test_time_augmentation_below: 0.0,
            score_threshold: -1.0,
        };
        let overflow = Prediction::of(vec![f64::NAN; 3]);
        for calibration in [None, Some(&calibration)] {
            let judgement = Threshold::new(calibration, Some(0.0)).judge(&overflow);
            assert_eq!(judgement, Judgement::Rejected(Rejection::Unsure));
        }
    }
}
