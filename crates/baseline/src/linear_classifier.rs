//! Multinomial logistic regression.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::scaled_problem::ScaledProblem;
use crate::{BaselineError, Examples};

/// How a classifier is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// L2 strength, at least 0: half of it times the sum of the squared weights of the standardized
    /// features is added to the mean cross-entropy.
    pub strength: f32,
    /// Largest number of L-BFGS steps; the default is 50, after which the validation loss changes
    /// little.
    pub iterations: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { strength: 1e-3, iterations: 50 }
    }
}

/// Weights for each feature and class. A class's logit is the weighted sum of the features plus a
/// bias.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearClassifier {
    weights: Array2<f32>, // [columns, classes]
    bias: Array1<f32>,    // [classes], −∞ for a class without training examples
}

/// The accuracy and the loss of a classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Share of the rows whose most probable class is the label, 0 to 1.
    pub accuracy: f64,
    /// Mean cross-entropy in nats; infinite if a label did not occur in training.
    pub loss: f64,
}

impl LinearClassifier {
    /// Trains on `examples` of `classes` classes. The features are standardized internally; the
    /// classifier takes the original features. Equal examples yield equal classifiers on one
    /// machine, for any number of threads.
    ///
    /// # Errors
    ///
    /// [`BaselineError`] if there are no rows, if rows have unequal lengths, if a feature is not
    /// finite, if a label is outside the classes, if there is a single class, or if the strength is
    /// invalid.
    pub fn train(
        examples: Examples,
        classes: usize,
        settings: &Settings,
    ) -> Result<Self, BaselineError> {
        ScaledProblem::new(examples, classes)?.solve(settings)
    }

    pub(crate) fn new(weights: Array2<f32>, bias: Array1<f32>) -> Self {
        Self { weights, bias }
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.weights.len() + self.bias.len()
    }

    /// The logarithm of each class's probability, `[rows, classes]`, in nats, for features
    /// `[rows, columns]`; −∞ for a class without training examples.
    ///
    /// # Errors
    ///
    /// [`BaselineError::Columns`] if the features do not divide into rows.
    pub fn log_probabilities(&self, features: &[f32]) -> Result<Vec<f64>, BaselineError> {
        let (values, columns) = (features.len(), self.weights.nrows());
        let refused = BaselineError::Columns { values, columns };
        if !values.is_multiple_of(columns) {
            return Err(refused);
        }
        let rows = ArrayView2::from_shape((values / columns, columns), features);
        let mut logits = rows.map_err(|_| refused)?.dot(&self.weights) + &self.bias;
        let mut answers = Vec::with_capacity(logits.len());
        for logits in logits.axis_iter_mut(Axis(0)) {
            let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let shifted = logits.mapv(|logit| f64::from(logit) - f64::from(greatest));
            let log_sum = shifted.mapv(f64::exp).sum().ln();
            answers.extend(shifted.iter().map(|logit| logit - log_sum));
        }
        Ok(answers)
    }

    /// The probability of each class, `[rows, classes]`, each row adding up to 1, for features
    /// `[rows, columns]`.
    ///
    /// # Errors
    ///
    /// [`BaselineError::Columns`] if the features do not divide into rows.
    pub fn probabilities(&self, features: &[f32]) -> Result<Vec<f32>, BaselineError> {
        Ok(self.log_probabilities(features)?.into_iter().map(|value| value.exp() as f32).collect())
    }

    /// Accuracy and cross-entropy on `examples`.
    ///
    /// # Errors
    ///
    /// [`BaselineError`] if there are no rows, if they have another length than in training, or if
    /// a label is outside the classes.
    pub fn score(&self, examples: Examples) -> Result<Score, BaselineError> {
        let (found, columns) = (examples.columns()?, self.weights.nrows());
        if found != columns {
            return Err(BaselineError::Columns { values: examples.features.len(), columns });
        }
        let answers = self.log_probabilities(examples.features)?;
        let (mut correct, mut loss) = (0_usize, 0.0);
        let classes = self.bias.len();
        for (row, (answer, &label)) in
            answers.chunks_exact(classes).zip(examples.labels).enumerate()
        {
            let Some(&of_label) = answer.get(label) else {
                return Err(BaselineError::Label { row, label, classes });
            };
            // Of equally probable classes, the first one is the prediction.
            let beaten = |(class, &value): (usize, &f64)| {
                value < of_label || value <= of_label && class >= label
            };
            correct += usize::from(answer.iter().enumerate().all(beaten));
            loss -= of_label;
        }
        let rows = examples.labels.len() as f64;
        Ok(Score { accuracy: correct as f64 / rows, loss: loss / rows })
    }
}

#[cfg(test)]
mod tests;
