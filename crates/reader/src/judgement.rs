//! Which answers are accepted, and why the others are rejected.

use model::Prediction;

/// Answers with a lower confidence are rejected, unless the user sets another threshold or, where one
/// character is classified, the model is calibrated.
pub const DEFAULT_THRESHOLD: f64 = 0.8;

/// Shown in place of a class that is rejected.
pub(crate) const REJECTED: &str = "?";

/// An answer judged by a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The index of the predicted class.
    Accepted(usize),
    /// No class, and the reason.
    Rejected(Rejection),
}

/// Why an answer is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is no ink on the page.
    Blank,
    /// There is ink, but not clearly one shape on paper: a text, a texture, noise.
    Unclear,
    /// The confidence is below the threshold, the ink may be something else than a digit, or the
    /// network's numbers overflowed.
    Unsure,
    /// The score is below that of nearly all images like those that the model was trained on.
    OutOfDistribution,
    /// A mark between the digits is unknown, or is not where such a mark may be.
    Mark,
    /// There are several lines where one is expected.
    Lines,
}

impl Rejection {
    /// The reason as one word, for JSON and CSV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Unclear => "unclear",
            Self::Unsure => "unsure",
            Self::OutOfDistribution => "out_of_distribution",
            Self::Mark => "mark",
            Self::Lines => "lines",
        }
    }

    /// The reason for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::OutOfDistribution => "unlike the training images",
            other => other.name(),
        }
    }
}

impl Judgement {
    /// Judges a class that was predicted from clear ink, by its confidence and the threshold.
    pub(crate) fn of_clear(prediction: &Prediction, confidence: f64, threshold: f64) -> Self {
        // A comparison with NaN is false: it must not accept.
        if prediction.is_valid() && confidence >= threshold {
            Self::Accepted(prediction.class)
        } else {
            Self::Rejected(Rejection::Unsure)
        }
    }

    /// The index of the class; `None` if the answer is rejected.
    #[must_use]
    pub fn class(self) -> Option<usize> {
        match self {
            Self::Accepted(class) => Some(class),
            Self::Rejected(_) => None,
        }
    }

    /// The reason for the rejection; `None` if the answer is accepted.
    #[must_use]
    pub fn rejection(self) -> Option<Rejection> {
        match self {
            Self::Accepted(_) => None,
            Self::Rejected(rejection) => Some(rejection),
        }
    }

    /// The name of the class; `?` if the answer is rejected.
    #[must_use]
    pub fn text(self, class_names: &[String]) -> &str {
        self.class().and_then(|class| class_names.get(class)).map_or(REJECTED, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_answers_are_shown_as_a_question_mark() {
        let names = ["a", "b"].map(str::to_owned);
        assert_eq!(Judgement::Accepted(1).text(&names), "b");
        assert_eq!(Judgement::Rejected(Rejection::Unsure).text(&names), "?");
    }
}
