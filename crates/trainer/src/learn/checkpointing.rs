//! Checkpoints of Burn's Learner, written and restored through [`runs::Checkpoint`].

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};

use anyhow::{Context, anyhow, bail};
use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::ModuleOptimizer;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::Bytes;
use burn::train::checkpoint::{
    Checkpoint as BurnCheckpoint, Checkpointer, CheckpointerError, CheckpointingAction,
    CheckpointingStrategy,
};
use burn::train::metric::store::EventStoreClient;
use burn::train::{Learner, LearnerModel};
use data::printable_path;
use runs::{Checkpoint, RECORDS, RunLength, RunState, write_checkpoint};

use super::optimizer_record::read_optimizer_record;
use crate::optim::Schedule;

/// Burn numbers the schedules of groups of parameters; all parameters are one group.
const ONLY_SCHEDULE: &str = "0";

/// The file of a record, and its contents.
type RecordFile = (&'static str, Result<Vec<u8>, RecordError>);

/// Burn passes each record of a run to a checkpointer on a thread; this one sends the bytes to the
/// [`CheckpointWriter`], which writes all records at once.
pub struct RecordSender {
    file: &'static str,
    sender: Sender<RecordFile>,
}

impl<R: BurnCheckpoint> Checkpointer<R> for RecordSender {
    fn save(&self, _step: usize, record: R) -> Result<(), CheckpointerError> {
        // The writer waits for every record: a panic in Burn must not leave it waiting.
        let bytes = panic::catch_unwind(AssertUnwindSafe(|| record.checkpoint_into_bytes()))
            .unwrap_or_else(|_| Err(RecordError::Io("reading the device failed".to_owned())))
            .map(|bytes| bytes.to_vec());
        // The receiver is gone only when the run has ended; then no one waits for the record.
        let _ = self.sender.send((self.file, bytes));
        Ok(())
    }

    fn delete(&self, _step: usize) -> Result<(), CheckpointerError> {
        Ok(())
    }

    fn restore(&self, _step: usize) -> Result<R, CheckpointerError> {
        Err(CheckpointerError::Unknown("checkpoints are restored by `resume`".to_owned()))
    }
}

/// Has Burn save whenever it is asked.
pub struct Always;

impl CheckpointingStrategy for Always {
    fn checkpointing(&mut self, _: usize, _: &EventStoreClient) -> Vec<CheckpointingAction> {
        vec![CheckpointingAction::Save]
    }
}

/// Writes checkpoints into a folder.
pub struct CheckpointWriter {
    folder: PathBuf,
    records: Receiver<RecordFile>,
}

/// The checkpointers for the network, the optimizer and the schedule, and the writer they send to.
pub fn channel(folder: &Path) -> ([RecordSender; 3], CheckpointWriter) {
    let (sender, records) = mpsc::channel();
    let senders = RECORDS.map(|file| RecordSender { file, sender: sender.clone() });
    (senders, CheckpointWriter { folder: folder.to_owned(), records })
}

impl CheckpointWriter {
    /// Writes the records that Burn was just asked for, with `state`, and removes older checkpoints.
    ///
    /// # Errors
    /// When a file cannot be written; older checkpoints are then still there.
    pub fn write(&self, state: &RunState) -> anyhow::Result<()> {
        let mut records = Vec::with_capacity(RECORDS.len());
        for _ in RECORDS {
            let (file, bytes) = self.records.recv().context("Burn's checkpoint threads ended")?;
            records.push((file, bytes.context("cannot read the network from its device")?));
        }
        write_checkpoint(&self.folder, state, records)
    }
}

/// Restores `learner`, which is at its start, from the newest checkpoint in `folder`, if there is
/// one of `run`. `optimizer` is of the learner's kind.
///
/// # Errors
/// When the checkpoint was written under another config, or one of its files is missing, damaged or
/// of another network, optimizer or progress.
pub fn resume<M: LearnerModel>(
    folder: &Path,
    run: &RunLength,
    optimizer: &ModuleOptimizer,
    learner: &mut Learner<M>,
) -> anyhow::Result<Option<RunState>> {
    let Some(checkpoint) = Checkpoint::newest(folder)? else { return Ok(None) };
    let state = restore(&checkpoint, run, optimizer, learner).map_err(|error| {
        let path = printable_path(checkpoint.path());
        anyhow!("{path}: cannot resume from this checkpoint: {error:#}")
    })?;
    Ok(Some(state))
}

fn restore<M: LearnerModel>(
    checkpoint: &Checkpoint,
    run: &RunLength,
    optimizer: &ModuleOptimizer,
    learner: &mut Learner<M>,
) -> anyhow::Result<RunState> {
    let state = checkpoint.state(run)?;
    let [network, optimizer_file, schedule_file] = RECORDS;
    let network_record: ModuleRecord = record(checkpoint.read(network)?).context(network)?;
    // The Learner panics on a record of another network: find out first.
    if learner.model().try_load_record(network_record.clone()).is_err() {
        bail!("{network} belongs to another network than config.toml describes");
    }
    learner.load_model(network_record);
    let bytes = checkpoint.read(optimizer_file)?;
    let record_of_steps = read_optimizer_record(&bytes, optimizer, &learner.model(), state.step)
        .with_context(|| format!("{optimizer_file} is not of this run"))?;
    let schedule: LrSchedulerRecord =
        record(checkpoint.read(schedule_file)?).context(schedule_file)?;
    let steps = Schedule::steps(&schedule.record(ONLY_SCHEDULE));
    if steps != Some(state.step) {
        let found = steps.map_or("no".to_owned(), |steps| steps.to_string());
        bail!("{schedule_file} is not of this run: it is of {found} steps, not {}", state.step);
    }
    learner.load_optim(record_of_steps);
    learner.load_scheduler(schedule);
    Ok(state)
}

fn record<R: BurnCheckpoint>(bytes: Vec<u8>) -> Result<R, RecordError> {
    R::checkpoint_from_bytes(Bytes::from_bytes_vec(bytes))
}
