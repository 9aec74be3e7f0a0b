//! A run's progress, as a checkpoint stores it.

use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::history::{EpochFigures, is_time};
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

/// The length of a run, which its progress must fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLength {
    /// SHA-256 of the run's `config.toml`.
    pub config_sha256: String,
    /// Epochs of the whole run.
    pub epochs: usize,
    /// Batches of an epoch.
    pub batches: usize,
}

impl RunState {
    /// The progress in `text`, the contents of `state.json`, if `run` can have it.
    ///
    /// # Errors
    /// When the text is damaged, of another config, or a value contradicts the others or the
    /// length of the run.
    pub fn parse(text: &[u8], run: &RunLength) -> anyhow::Result<Self> {
        let state: Self = serde_json::from_slice(text)?;
        if state.config_sha256 != run.config_sha256 {
            bail!("config.toml has been edited since: undo that, or start another run with it");
        }
        let epochs = state.history.len();
        let numbered = state.history.iter().zip(1..).all(|(figures, epoch)| figures.epoch == epoch);
        if epochs > run.epochs || !numbered {
            bail!("history has other epochs than 1 to {} at most", run.epochs);
        }
        if let Some(epoch) = state.history.iter().find(|epoch| !epoch.are_plausible()) {
            bail!("history: epoch {} has figures that no epoch can have", epoch.epoch);
        }
        let most = if epochs == run.epochs { 0 } else { run.batches };
        if state.batch > most {
            bail!("batch is {}: expected {most} at most", state.batch);
        }
        // The data set decides how many batches an epoch has.
        let expected = epochs as u128 * run.batches as u128 + state.batch as u128;
        if u128::from(state.step) != expected {
            bail!(
                "step is {}: expected {expected} after {epochs} epochs of {} batches and {} more; \
                 was the run trained on other images?",
                state.step,
                run.batches,
                state.batch
            );
        }
        let times = [
            ("seconds", state.seconds),
            ("total_seconds", state.total_seconds),
            ("loading_seconds", state.loading_seconds),
        ];
        if let Some((name, value)) = times.into_iter().find(|(_, value)| !is_time(*value)) {
            bail!("{name} is {value}: no training takes that long");
        }
        if !state.learning_rate.is_finite() || !state.tally.is_plausible() {
            bail!("learning_rate or tally has values that no training can have");
        }
        Ok(state)
    }

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
    fn progress_that_a_run_cannot_have_is_refused_by_key() {
        let run = RunLength { config_sha256: "c".to_owned(), epochs: 3, batches: 20 };
        let state = RunState {
            config_sha256: "c".to_owned(),
            step: 45,
            batch: 5,
            history: vec![epoch(1, 0.5), epoch(2, 0.4)],
            ..RunState::default()
        };
        let parse = |state: &serde_json::Value| {
            RunState::parse(state.to_string().as_bytes(), &run).map_err(|error| error.to_string())
        };
        let whole = serde_json::to_value(&state).unwrap();
        assert_eq!(parse(&whole).unwrap(), state);
        for (place, value, part) in [
            ("/config_sha256", "d".into(), "edited"),
            ("/step", 44.into(), "step is 44: expected 45 after 2 epochs of 20 batches"),
            ("/step", u64::MAX.into(), "step is 18446744073709551615"),
            ("/batch", 21.into(), "batch is 21: expected 20 at most"),
            ("/batch", u64::MAX.into(), "batch is 18446744073709551615"),
            ("/seconds", (-1.0).into(), "seconds is -1"),
            ("/total_seconds", 1e300.into(), "total_seconds is 1"),
            ("/loading_seconds", serde_json::Value::Null, "null"),
            ("/history/1/epoch", usize::MAX.into(), "other epochs than 1 to 3"),
            ("/history/0/train/seconds", 1e20.into(), "epoch 1 has figures"),
            ("/history/1/validation/accuracy", 1.5.into(), "epoch 2 has figures"),
            ("/tally/images", u64::MAX.into(), "tally"),
            ("/tally/correct", 1.into(), "tally"),
        ] {
            let mut changed = whole.clone();
            *changed.pointer_mut(place).unwrap() = value;
            let error = parse(&changed).unwrap_err();
            assert!(error.contains(part), "{place}: {error}");
        }
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
