//! What a reader says of a picture.

use model::Prediction;

use crate::Prepared;

/// What stands for an answer that is rejected.
const UNKNOWN: &str = "?";

/// What a picture shows, as far as the model can tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The model's prediction; none for a blank page.
    pub prediction: Option<Prediction>,
    /// Why the prediction is not to be trusted, if it is not.
    pub rejection: Option<Rejection>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is no ink on the page.
    Blank,
    /// There is ink, but not clearly one shape on paper: a text, a texture, noise.
    Unclear,
    /// The most probable class is less probable than was asked for.
    Unsure,
}

impl Rejection {
    /// A word for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Unclear => "unclear",
            Self::Unsure => "unsure",
        }
    }
}

impl Answer {
    /// Judges a prediction about a picture by a least confidence, 0 to 1.
    pub(crate) fn new(prepared: &Prepared, prediction: Prediction, threshold: f64) -> Self {
        if let Prepared::Image { is_clear: false, .. } = prepared {
            return Self { prediction: Some(prediction), rejection: Some(Rejection::Unclear) };
        }
        let confidence = prediction.confidence();
        Self::of_ink(prediction, confidence, threshold)
    }

    /// Judges a prediction about what is clearly ink by its confidence and the least one, 0 to 1.
    pub(crate) fn of_ink(prediction: Prediction, confidence: f64, threshold: f64) -> Self {
        let rejection = (confidence < threshold).then_some(Rejection::Unsure);
        Self { prediction: Some(prediction), rejection }
    }

    pub(crate) fn blank() -> Self {
        Self { prediction: None, rejection: Some(Rejection::Blank) }
    }

    /// All classes with their probabilities, the most probable first; none for a blank page.
    #[must_use]
    pub fn ranked(&self) -> Vec<(usize, f64)> {
        let probabilities = self.prediction.iter().flat_map(Prediction::probabilities);
        let mut ranked: Vec<(usize, f64)> = probabilities.enumerate().collect();
        ranked.sort_by(|(_, left), (_, right)| right.total_cmp(left));
        ranked
    }

    /// The index of the class, unless the answer is rejected.
    #[must_use]
    pub fn class(&self) -> Option<usize> {
        let prediction = self.prediction.as_ref()?;
        self.rejection.is_none().then_some(prediction.class)
    }

    /// The name of the class, `?` if the answer is rejected.
    #[must_use]
    pub fn text<'a>(&self, class_names: &'a [String]) -> &'a str {
        self.class().and_then(|class| class_names.get(class)).map_or(UNKNOWN, String::as_str)
    }
}
