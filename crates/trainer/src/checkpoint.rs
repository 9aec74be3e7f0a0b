//! Checkpoints: all that a run needs to go on, in one folder that appears whole or not at all.
//!
//! `checkpoints/STEP-EPOCHS/` holds the records of the network, the optimizer and the schedule,
//! `state.json`, and the checksums of these, after so many steps and complete epochs. The folder is written under a temporary
//! name and renamed, so that a folder with such a name is always complete; older ones go after that.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
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
use data::sha256;
use serde::{Deserialize, Serialize};

use crate::metrics::{EpochFigures, Tally};
use crate::trainee::Trainee;

const STATE_FILE: &str = "state.json";
/// The SHA-256 of every other file, in the format of `sha256sum`.
const SUMS_FILE: &str = "SHA256SUMS";
const TEMPORARY: &str = ".unfinished";

/// Where a run is, besides its weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunState {
    /// SHA-256 of the run's `config.toml`: with another config, going on would make no sense.
    pub config_sha256: String,
    /// Optimizer steps done in all.
    pub step: u64,
    /// Batches done of the epoch that is under way.
    pub batch: usize,
    /// What those batches gave.
    pub tally: Tally,
    /// Seconds they took.
    pub seconds: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
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
        // The writer waits for three parts: a panic of Burn's must not leave it waiting.
        let bytes = panic::catch_unwind(AssertUnwindSafe(|| record.checkpoint_into_bytes()))
            .unwrap_or_else(|_| Err(RecordError::Io("reading the device failed".to_owned())))
            .map(|bytes| bytes.to_vec());
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
        let progress = Progress { step: state.step, epochs: state.history.len() };
        let target = self.folder.join(progress.to_string());
        let temporary = self.folder.join(TEMPORARY);
        let parts = self.receive(state)?;
        // A run that stops where it was resumed has nothing new to say.
        if !target.exists() {
            let written = write_folder(&temporary, &parts)
                .and_then(|()| fs::rename(&temporary, &target))
                .and_then(|()| File::open(&self.folder)?.sync_all());
            if written.is_err() {
                // What is left of it takes room that others may need.
                let _ = fs::remove_dir_all(&temporary);
            }
            written
                .with_context(|| format!("{}: cannot write the checkpoint", target.display()))?;
        }
        for (_, older) in list(&self.folder)?.into_iter().filter(|(found, _)| *found < progress) {
            remove_folder(&older)?;
        }
        Ok(())
    }

    /// The contents of a checkpoint's files.
    fn receive(&self, state: &RunState) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
        let mut parts = vec![(STATE_FILE, serde_json::to_vec_pretty(state)?)];
        for _ in 0..3 {
            let (file, bytes) = self.parts.recv().context("Burn's checkpoint threads ended")?;
            parts.push((file, bytes.context("cannot read the network from its device")?));
        }
        let sums: String = parts.iter().map(|(file, bytes)| sum_line(file, bytes)).collect();
        parts.push((SUMS_FILE, sums.into_bytes()));
        Ok(parts)
    }
}

fn sum_line(file: &str, bytes: &[u8]) -> String {
    format!("{}  {file}\n", sha256(bytes))
}

/// Reads a file of a checkpoint, and refuses it if it is not what was written.
fn read_checked(folder: &Path, file: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(folder.join(file)).with_context(|| file.to_owned())?;
    let sums = fs::read_to_string(folder.join(SUMS_FILE)).context(SUMS_FILE)?;
    let line = sum_line(file, &bytes);
    if !sums.lines().any(|known| known == line.trim_end()) {
        bail!("{file} is damaged: its SHA-256 is not the one in {SUMS_FILE}");
    }
    Ok(bytes)
}

fn write_folder(folder: &Path, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
    // A killed run may have left one behind.
    remove_folder(folder)?;
    fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        let mut file = File::create(folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Brings `learner` to the newest checkpoint in `folder`, if there is one. `config` is the SHA-256
/// of the run's config.
///
/// # Errors
/// When the checkpoint was written under another config, or a file of the checkpoint is missing, damaged, or belongs to another network.
pub fn load(
    folder: &Path,
    config: &str,
    learner: &mut Learner<Trainee>,
) -> anyhow::Result<Option<RunState>> {
    let Some((_, newest)) = list(folder)?.into_iter().max() else {
        return Ok(None);
    };
    let state = load_from(&newest, config, learner).map_err(|error| {
        anyhow!("{}: cannot resume from this checkpoint: {error:#}", newest.display())
    })?;
    Ok(Some(state))
}

fn load_from(
    folder: &Path,
    config: &str,
    learner: &mut Learner<Trainee>,
) -> anyhow::Result<RunState> {
    let read = |file: &str| read_checked(folder, file);
    let state: RunState = serde_json::from_slice(&read(STATE_FILE)?).context(STATE_FILE)?;
    if state.config_sha256 != config {
        bail!("config.toml has been edited since: undo that, or start another run with it");
    }
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

/// How far a checkpoint is: its folder's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Progress {
    step: u64,
    epochs: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:09}-{}", self.step, self.epochs)
    }
}

impl Progress {
    fn parse(name: &str) -> Option<Self> {
        let (step, epochs) = name.split_once('-')?;
        Some(Self { step: step.parse().ok()?, epochs: epochs.parse().ok()? })
    }
}

/// The complete checkpoints in `folder`.
fn list(folder: &Path) -> anyhow::Result<Vec<(Progress, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let progress = path.file_name().and_then(|name| Progress::parse(name.to_str()?));
        found.extend(progress.map(|progress| (progress, path)));
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
        assert_eq!(found[0].0, Progress { step: 100, epochs: 0 });
        assert_eq!(fs::read_dir(&found[0].1).unwrap().count(), 5);
    }

    #[test]
    fn one_flipped_bit_is_refused_by_the_files_name() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        let checkpoint = &list(folder.path()).unwrap()[0].1;
        for file in [STATE_FILE, "network.bpk", "optimizer.bpk", "schedule.bpk"] {
            let path = checkpoint.join(file);
            let whole = fs::read(&path).unwrap();
            assert_eq!(read_checked(checkpoint, file).unwrap(), whole);
            let bits = 8 * whole.len();
            for bit in (0..bits).step_by((bits / 250).max(1)) {
                let mut damaged = whole.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &damaged).unwrap();
                let error = read_checked(checkpoint, file).unwrap_err().to_string();
                assert!(error.starts_with(file), "bit {bit}: {error}");
            }
        }
    }

    #[test]
    fn a_half_written_checkpoint_is_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        fs::create_dir(folder.path().join(TEMPORARY)).unwrap();
        assert_eq!(list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_leaves_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        // A file where the temporary folder should be made.
        fs::write(folder.path().join(TEMPORARY), "in the way").unwrap();
        assert!(write(folder.path(), 9).is_err());
        assert_eq!(list(folder.path()).unwrap()[0].0.step, 5);
    }

    #[test]
    fn the_same_progress_again_leaves_its_checkpoint_alone() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        let file = list(folder.path()).unwrap()[0].1.join("network.bpk");
        let before = file.metadata().unwrap().modified().unwrap();
        write(folder.path(), 5).unwrap();
        assert_eq!(file.metadata().unwrap().modified().unwrap(), before);
    }
}
