//! The history of a run as charts take it.

use runs::EpochFigures;

/// A point for each epoch.
#[must_use]
pub fn learning_curves(history: &[EpochFigures]) -> Vec<charts::EpochPoint> {
    let point = |figures: &EpochFigures| charts::EpochPoint {
        train_loss: figures.train.loss,
        train_accuracy: figures.train.accuracy,
        validation_loss: Some(figures.validation.loss),
        validation_accuracy: Some(figures.validation.accuracy),
        learning_rate: figures.learning_rate,
    };
    history.iter().map(point).collect()
}
