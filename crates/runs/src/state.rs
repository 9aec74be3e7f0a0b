//! A run's progress, as a checkpoint stores it.

use serde::{Deserialize, Serialize};

use crate::history::EpochFigures;
use crate::tally::Tally;

/// A run's progress, besides its records of network, optimizer and schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunState {
    /// SHA-256 of the run's `config.toml`; a run resumes under the same config only.
    pub config_sha256: String,
    /// Optimizer steps taken.
    pub step: u64,
    /// Batches of the current epoch that are done.
    pub batch: usize,
    /// Loss and accuracy of those batches.
    pub tally: Tally,
    /// Seconds those batches took.
    pub seconds: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Complete epochs.
    pub history: Vec<EpochFigures>,
    /// Seconds spent on training and validation in complete epochs.
    pub total_seconds: f64,
    /// Seconds spent waiting for batches.
    pub loading_seconds: f64,
}

impl RunState {
    /// The current epoch, counted from 1.
    #[must_use]
    pub fn epoch(&self) -> usize {
        self.history.len() + 1
    }

    /// The complete epoch with the lowest validation loss; the first of equals.
    #[must_use]
    pub fn best(&self) -> Option<&EpochFigures> {
        let loss = |figures: &&EpochFigures| figures.validation.loss;
        self.history.iter().min_by(|left, right| loss(left).total_cmp(&loss(right)))
    }

    /// Number of complete epochs since the best one.
    #[must_use]
    pub fn epochs_since_best(&self) -> usize {
        self.best().map_or(0, |best| self.history.len() - best.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SplitFigures;

    fn epoch(epoch: usize, loss: f64) -> EpochFigures {
        let figures = SplitFigures { loss, accuracy: 0.5, seconds: 1.0, images_per_second: 1.0 };
        EpochFigures { epoch, train: figures, validation: figures, learning_rate: 0.1 }
    }

    #[test]
    fn the_best_epoch_is_the_first_with_the_lowest_validation_loss() {
        let losses = [0.5, 0.2, 0.3, 0.2];
        let history = losses.iter().enumerate().map(|(i, &loss)| epoch(i + 1, loss)).collect();
        let state = RunState { history, ..RunState::default() };
        assert_eq!(state.best().map(|best| best.epoch), Some(2));
        assert_eq!(state.epochs_since_best(), 2);
    }
}
