//! Checkpoints: all that a run needs to go on, in one folder that appears whole or not at all.
//!
//! `checkpoints/STEP/` holds the records of the network, the optimizer and the schedule, and
//! `state.json`. The folder is written under a temporary name and renamed, so that the newest
//! folder with a number for a name is always complete.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};

use anyhow::{Context, anyhow, bail};
use burn::lr_scheduler::LrSchedulerRecord;
use burn::module::Module;
use burn::optim::OptimizerRecord;
use burn::store::{ModuleRecord, RecordError};
use burn::train::Learner;
use burn::train::checkpoint::{
    Checkpoint, Checkpointer, CheckpointerError, CheckpointingAction, CheckpointingStrategy,
};
use burn::train::metric::store::EventStoreClient;
use serde::{Deserialize, Serialize};

use crate::metrics::{EpochFigures, Tally};
use crate::trainee::Trainee;

const STATE_FILE: &str = "state.json";

/// Where a run is, besides its weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunState {
    /// Optimizer steps done in all.
    pub step: u64,
    /// Batches done of the epoch that is under way.
    pub batch: usize,
    /// What those batches gave.
    pub tally: Tally,
    /// Seconds they took.
    pub seconds: f64,
    /// Complete epochs.
    pub history: Vec<EpochFigures>,
    /// Seconds spent on training and validation in all.
    pub total_seconds: f64,
    /// Seconds that training waited for its data.
    pub loading_seconds: f64,
}

impl RunState {
    /// The epoch that is under way, from 1.
    pub fn epoch(&self) -> usize {
        self.history.len() + 1
    }

    /// The complete epoch with the lowest validation loss; the first of equals.
    pub fn best(&self) -> Option<&EpochFigures> {
        let loss = |figures: &&EpochFigures| figures.validation.loss;
        self.history.iter().min_by(|left, right| loss(left).total_cmp(&loss(right)))
    }

    /// Complete epochs since the best one.
    pub fn epochs_since_best(&self) -> usize {
        self.best().map_or(0, |best| self.history.len() - best.epoch)
    }
}

/// One of the three records that Burn keeps.
type Part = (&'static str, Result<Vec<u8>, RecordError>);

/// Burn hands a run's records to one of these each, on threads of their own; they pass the bytes
/// on to [`CheckpointWriter`], which writes all three at once.
pub struct PartSender {
    file: &'static str,
    sender: Sender<Part>,
}

impl<R: Checkpoint> Checkpointer<R> for PartSender {
    fn save(&self, _step: usize, record: R) -> Result<(), CheckpointerError> {
        let bytes = record.checkpoint_into_bytes().map(|bytes| bytes.to_vec());
        // The receiver is gone only when the run has ended, and then nobody waits for the part.
        let _ = self.sender.send((self.file, bytes));
        Ok(())
    }

    fn delete(&self, _step: usize) -> Result<(), CheckpointerError> {
        Ok(())
    }

    fn restore(&self, _step: usize) -> Result<R, CheckpointerError> {
        Err(CheckpointerError::Unknown("checkpoints are restored by `load`".to_owned()))
    }
}

/// Tells Burn to save whenever it is asked.
pub struct Always;

impl CheckpointingStrategy for Always {
    fn checkpointing(&mut self, _: usize, _: &EventStoreClient) -> Vec<CheckpointingAction> {
        vec![CheckpointingAction::Save]
    }
}

/// Writes checkpoints into a folder.
pub struct CheckpointWriter {
    folder: PathBuf,
    parts: Receiver<Part>,
}

/// The senders for the network, the optimizer and the schedule, and the writer that they feed.
pub fn channel(folder: &Path) -> ([PartSender; 3], CheckpointWriter) {
    let (sender, parts) = mpsc::channel();
    let senders = ["network.bpk", "optimizer.bpk", "schedule.bpk"]
        .map(|file| PartSender { file, sender: sender.clone() });
    (senders, CheckpointWriter { folder: folder.to_owned(), parts })
}

impl CheckpointWriter {
    /// Writes the three records that Burn was just asked for, with `state`, and removes older
    /// checkpoints.
    ///
    /// # Errors
    /// When the disk refuses; older checkpoints are then still there.
    pub fn write(&self, state: &RunState) -> anyhow::Result<()> {
        let name = format!("{:09}", state.step);
        let temporary = self.folder.join(format!(".tmp-{name}"));
        let target = self.folder.join(&name);
        let written = self.write_parts(&temporary, state).and_then(|()| {
            // A run that is resumed right after a checkpoint may write the same one again.
            remove_folder(&target)?;
            Ok(fs::rename(&temporary, &target)?)
        });
        if written.is_err() {
            // What failed may fail again; the first error is the one to tell.
            let _ = fs::remove_dir_all(&temporary);
        }
        written.with_context(|| format!("{}: cannot write the checkpoint", target.display()))?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).ok();
        for (_, older) in list(&self.folder)?.into_iter().filter(|(step, _)| *step < state.step) {
            remove_folder(&older)?;
        }
        Ok(())
    }

    fn write_parts(&self, folder: &Path, state: &RunState) -> anyhow::Result<()> {
        let mut parts = Vec::new();
        for _ in 0..3 {
            let (file, bytes) = self.parts.recv().context("Burn's checkpoint threads ended")?;
            parts.push((file, bytes?));
        }
        parts.push((STATE_FILE, serde_json::to_vec_pretty(state)?));
        remove_folder(folder)?;
        fs::create_dir_all(folder)?;
        for (file, bytes) in parts {
            let mut file = File::create(folder.join(file))?;
            file.write_all(&bytes)?;
            file.sync_all()?;
        }
        Ok(())
    }
}

/// Brings `learner` to the newest checkpoint in `folder`, if there is one.
///
/// # Errors
/// When a file of the checkpoint is missing, damaged, or belongs to another network.
pub fn load(folder: &Path, learner: &mut Learner<Trainee>) -> anyhow::Result<Option<RunState>> {
    let Some((_, newest)) = list(folder)?.into_iter().max() else {
        return Ok(None);
    };
    let state = load_from(&newest, learner).map_err(|error| {
        anyhow!("{}: cannot resume from this checkpoint: {error:#}", newest.display())
    })?;
    Ok(Some(state))
}

fn load_from(folder: &Path, learner: &mut Learner<Trainee>) -> anyhow::Result<RunState> {
    let read = |file: &str| fs::read(folder.join(file)).with_context(|| file.to_owned());
    let state = serde_json::from_slice(&read(STATE_FILE)?).context(STATE_FILE)?;
    let network: ModuleRecord = part(&read("network.bpk")?)?;
    let optimizer: OptimizerRecord = part(&read("optimizer.bpk")?)?;
    let schedule: LrSchedulerRecord = part(&read("schedule.bpk")?)?;
    // The Learner panics on a record that does not fit, so see first whether this one does.
    if learner.model().try_load_record(network.clone()).is_err() {
        bail!("network.bpk belongs to another network than config.toml describes");
    }
    learner.load_model(network);
    learner.load_optim(optimizer);
    learner.load_scheduler(schedule);
    Ok(state)
}

fn part<R: Checkpoint>(bytes: &[u8]) -> Result<R, RecordError> {
    R::checkpoint_from_bytes(burn::tensor::Bytes::from_bytes_vec(bytes.to_vec()))
}

/// The complete checkpoints in `folder` with their steps.
fn list(folder: &Path) -> anyhow::Result<Vec<(u64, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let step = path.file_name().and_then(|name| name.to_str()).and_then(|s| s.parse().ok());
        found.extend(step.map(|step| (step, path)));
    }
    Ok(found)
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::SplitFigures;

    fn epoch(epoch: usize, loss: f64) -> EpochFigures {
        let figures = SplitFigures { loss, accuracy: 0.5, seconds: 1.0, images_per_second: 1.0 };
        EpochFigures { epoch, train: figures, validation: figures, learning_rate: 0.1 }
    }

    fn state(step: u64) -> RunState {
        RunState { step, ..RunState::default() }
    }

    fn write(folder: &Path, step: u64) -> anyhow::Result<()> {
        let (senders, writer) = channel(folder);
        for sender in &senders {
            sender.save(0, LrSchedulerRecord::new().with_scalar("next", step)).unwrap();
        }
        writer.write(&state(step))
    }

    #[test]
    fn the_best_epoch_is_the_first_with_the_lowest_validation_loss() {
        let losses = [0.5, 0.2, 0.3, 0.2];
        let history = losses.iter().enumerate().map(|(i, &loss)| epoch(i + 1, loss)).collect();
        let state = RunState { history, ..RunState::default() };
        assert_eq!(state.best().map(|best| best.epoch), Some(2));
        assert_eq!(state.epochs_since_best(), 2);
    }

    #[test]
    fn the_newest_checkpoint_replaces_older_ones() {
        let folder = tempfile::tempdir().unwrap();
        for step in [5, 20, 100] {
            write(folder.path(), step).unwrap();
        }
        let found = list(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 100);
        assert_eq!(fs::read_dir(&found[0].1).unwrap().count(), 4);
    }

    #[test]
    fn a_half_written_checkpoint_is_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        fs::create_dir(folder.path().join(".tmp-000000009")).unwrap();
        assert_eq!(list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_leaves_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        // A file where the temporary folder should be made.
        fs::write(folder.path().join(".tmp-000000009"), "in the way").unwrap();
        assert!(write(folder.path(), 9).is_err());
        assert_eq!(list(folder.path()).unwrap()[0].0, 5);
    }
}
