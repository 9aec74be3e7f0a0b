//! The training loop inside Burn's Learner.
//!
//! Burn's own loop cannot resume in the middle of an epoch, starts early stopping and dropout over
//! when it resumes, and hands back the last epoch's weights. This one makes every step a function
//! of (seed, step), stores the best epoch's weights the moment it ends, and can stop after any
//! step with all progress saved.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use burn::data::dataloader::{DataLoader, DataLoaderIterator};
use burn::module::Module;
use burn::tensor::Device;
use burn::train::metric::store::EventStoreClient;
use burn::train::{
    InferenceStep, Interrupter, Learner, LearningCheckpointer, SupervisedLearningStrategy,
    SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, ValidLoader,
};
use model::{ModelCard, Origin, save_model};

use crate::checkpoint::{CheckpointWriter, RunState};
use crate::console::Console;
use crate::doubts::about_epoch;
use crate::event_file::EventFiles;
use crate::feed::Feed;
use crate::metrics::{EpochFigures, LateReader, SplitFigures, Tally, csv};
use crate::run_directory::RunDirectory;
use crate::run_report::RunReport;
use crate::trainee::{Batch, Trainee};

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All epochs are done.
    LastEpoch,
    /// The validation loss has not fallen for as many epochs as early stopping allows.
    NoImprovement,
    /// Somebody asked; progress is saved.
    Interrupted,
}

/// Why the loop takes no step for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// It is time for a checkpoint.
    Checkpoint,
    /// The epoch is over, or somebody interrupts it.
    Epoch,
}

/// What the loop works with.
pub struct Session {
    pub epochs: usize,
    pub early_stopping: Option<usize>,
    /// Time after which a checkpoint is written in the middle of an epoch.
    pub checkpoint_after: Duration,
    pub seed: u64,
    pub device: Device,
    pub feed: Feed,
    pub state: RunState,
    pub checkpoints: CheckpointWriter,
    pub directory: RunDirectory,
    pub console: Console,
    /// The card of the model to store; its origin and checksum are filled in.
    pub card: ModelCard,
    /// What `report.json` says; the loop fills in what it measures.
    pub report: RunReport,
    /// Where TensorBoard looks, if it is wanted.
    pub event_files: Option<EventFiles>,
}

/// The loop as Burn's Learner calls it.
pub struct EpochLoop {
    session: Mutex<Session>,
    outcome: Mutex<Option<anyhow::Result<Stop>>>,
}

impl EpochLoop {
    pub fn new(session: Session) -> Self {
        Self { session: Mutex::new(session), outcome: Mutex::new(None) }
    }

    /// How the loop ended; `None` before it ran.
    pub fn take_outcome(&self) -> Option<anyhow::Result<Stop>> {
        lock(&self.outcome).take()
    }

    /// The session, for what comes after training.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        lock(&self.session)
    }
}

impl SupervisedLearningStrategy<Trainee> for EpochLoop {
    fn fit(
        &self,
        components: TrainingComponents<Trainee>,
        learner: Learner<Trainee>,
        train: TrainLoader<Trainee>,
        validation: ValidLoader<Trainee>,
        _starting_epoch: usize,
    ) -> (Trainee, SupervisedTrainingEventProcessor<Trainee>) {
        let mut run = Run {
            session: &mut lock(&self.session),
            learner,
            checkpointer: components.checkpointer,
            event_store: &components.event_store,
            interrupter: components.interrupter,
        };
        let outcome = run.finish(&*train, &*validation);
        *lock(&self.outcome) = Some(outcome);
        (run.learner.model(), components.event_processor)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Run<'a> {
    session: &'a mut Session,
    learner: Learner<Trainee>,
    checkpointer: Option<LearningCheckpointer<Trainee>>,
    event_store: &'a EventStoreClient,
    interrupter: Interrupter,
}

impl Run<'_> {
    fn finish(
        &mut self,
        train: &dyn DataLoader<Batch>,
        validation: &dyn DataLoader<Batch>,
    ) -> anyhow::Result<Stop> {
        loop {
            if self.session.state.history.len() >= self.session.epochs {
                return Ok(Stop::LastEpoch);
            }
            // Asked here and not after an epoch, so that a resumed run that had stopped stays so.
            let since_best = self.session.state.epochs_since_best();
            if self.session.early_stopping.is_some_and(|patience| since_best >= patience) {
                return Ok(Stop::NoImprovement);
            }
            self.train_epoch(train)?;
            let (figures, answers) = self.validate(validation)?;
            if self.interrupter.should_stop() {
                self.write_checkpoint()?;
                return Ok(Stop::Interrupted);
            }
            self.finish_epoch(&figures)?;
            self.doubt(answers);
        }
    }

    /// Takes the steps that are left of the epoch, or those until somebody interrupts. A long epoch
    /// has checkpoints on its way.
    fn train_epoch(&mut self, train: &dyn DataLoader<Batch>) -> anyhow::Result<()> {
        let session = &mut *self.session;
        session.feed.seek(session.state.epoch(), session.state.batch);
        let images = train.num_items() as u64;
        session.console.start_epoch(session.state.epoch(), session.epochs, images);
        let mut batches = train.iter();
        while self.take_steps(&mut *batches)? == Pause::Checkpoint {
            self.write_checkpoint()?;
        }
        drop(batches);
        let waited = self.session.feed.take_waited();
        self.session.state.loading_seconds += waited.as_secs_f64();
        Ok(())
    }

    /// Takes steps until the epoch ends, somebody interrupts, or it is time for a checkpoint.
    fn take_steps(&mut self, batches: &mut dyn DataLoaderIterator<Batch>) -> anyhow::Result<Pause> {
        let Self { session, learner, interrupter, .. } = self;
        let epoch = session.state.epoch();
        let mut reader = LateReader::default();
        let start = Instant::now();
        let mut clock = start;
        let mut pause = Pause::Epoch;
        while !interrupter.should_stop()
            && let Some(batch) = batches.next()
        {
            let batch = batch.context("cannot load a training batch")?;
            let state = &mut session.state;
            state.step += 1;
            // Dropout's mask depends on the seed and the step, whatever ran before.
            session.device.seed(session.seed.rotate_left(32) ^ state.step);
            let output = learner.train_step(batch);
            learner.lr_step();
            learner.optimizer_step(output.grads);
            state.learning_rate = learner.lr_current().base();
            state.batch += 1;
            reader.push(state.step, output.item, epoch, &mut state.tally)?;
            state.seconds += clock.elapsed().as_secs_f64();
            clock = Instant::now();
            session.show_progress();
            if start.elapsed() >= session.checkpoint_after {
                pause = Pause::Checkpoint;
                break;
            }
        }
        let state = &mut session.state;
        reader.finish(epoch, &mut state.tally)?;
        state.seconds += clock.elapsed().as_secs_f64();
        Ok(pause)
    }

    /// Measures the epoch's weights on the validation images, or on some of them when somebody
    /// interrupts; also gives the least and the greatest class answered.
    fn validate(
        &self,
        validation: &dyn DataLoader<Batch>,
    ) -> anyhow::Result<(EpochFigures, Option<[usize; 2]>)> {
        let state = &self.session.state;
        let epoch = state.epoch();
        let start = Instant::now();
        // A copy without gradients, batch normalization using its running statistics.
        let model = self.learner.model().valid();
        let (mut reader, mut tally) = (LateReader::default(), Tally::default());
        let mut batches = validation.iter();
        while !self.interrupter.should_stop()
            && let Some(batch) = batches.next()
        {
            let batch = batch.context("cannot load a validation batch")?;
            reader.push(state.step, InferenceStep::step(&model, batch), epoch, &mut tally)?;
        }
        reader.finish(epoch, &mut tally)?;
        let seconds = start.elapsed().as_secs_f64();
        let figures = EpochFigures {
            epoch,
            train: SplitFigures::new(&state.tally, state.seconds),
            validation: SplitFigures::new(&tally, seconds),
            learning_rate: state.learning_rate,
        };
        Ok((figures, tally.answers()))
    }

    /// Warns of a training that goes wrong.
    fn doubt(&self, answers: Option<[usize; 2]>) {
        let Session { state, card, console, .. } = &*self.session;
        if let Some(doubt) = about_epoch(&state.history, answers, &card.class_names) {
            console.warn(&doubt);
        }
    }

    /// Records the epoch: weights if they are the best so far, checkpoint, tables.
    fn finish_epoch(&mut self, figures: &EpochFigures) -> anyhow::Result<()> {
        let validation = figures.validation;
        let best = self.session.state.best().map(|best| best.validation.loss);
        let is_best = best.is_none_or(|best| validation.loss < best);
        if is_best {
            let mut card = self.session.card.clone();
            card.origin = Origin {
                seed: self.session.seed,
                epoch: figures.epoch,
                validation_loss: validation.loss,
                validation_accuracy: validation.accuracy,
            };
            let network = self.learner.model().valid().network;
            save_model(self.session.directory.path(), network, card)?;
        }
        let session = &mut *self.session;
        let state = &mut session.state;
        state.total_seconds += state.seconds + validation.seconds;
        state.history.push(figures.clone());
        (state.batch, state.tally, state.seconds) = (0, Tally::default(), 0.0);
        self.write_checkpoint()?;

        let session = &mut *self.session;
        session.directory.write_metrics(&csv(&session.state.history))?;
        if let Some(files) = &session.event_files {
            files.write(&session.state.history)?;
        }
        session.report.update(&session.state);
        session.report.write(&session.directory)?;
        session.console.epoch(figures, session.epochs, is_best);
        Ok(())
    }

    fn write_checkpoint(&mut self) -> anyhow::Result<()> {
        // Batch normalization keeps its newest statistics aside, out of a record's sight, until
        // somebody asks for a copy for inference.
        drop(self.learner.model().valid());
        let state = &self.session.state;
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.checkpoint(&self.learner, state.step as usize, self.event_store);
        }
        self.session.checkpoints.write(state)
    }
}

impl Session {
    fn show_progress(&self) {
        let RunState { tally, seconds, total_seconds, step, .. } = &self.state;
        let steps = (self.epochs * self.feed.num_batches()) as f64;
        let left = (seconds + total_seconds) * (steps / *step as f64 - 1.0);
        let speed = tally.images() as f64 / seconds.max(1e-9);
        self.console.progress(tally, speed, Duration::from_secs_f64(left.max(0.0)));
    }
}
