//! The training loop inside Burn's Learner.
//!
//! Burn's own loop cannot resume in the middle of an epoch, restarts early stopping and dropout when
//! it resumes, and returns the last epoch's weights. This one makes every step a function of (seed,
//! step), stores the best epoch's weights when the epoch ends, and can stop after any step with all
//! progress saved.

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
use model::{Origin, save_model};
use runs::{
    EpochFigures, Event, Observers, RunDirectory, RunReport, RunState, SplitFigures, Tally,
};

use super::burn_loader::BurnLoader;
use super::checkpointing::CheckpointWriter;
use super::delayed_reader::DelayedReader;
use super::signals::{self, Signal};
use crate::optim::clip_by_global_norm;
use crate::task::Task;

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All epochs are done.
    LastEpoch,
    /// The validation loss has not fallen for as many epochs as early stopping allows.
    NoImprovement,
    /// A signal asked for it; progress is saved.
    Interrupted(Signal),
}

/// Why the loop takes no further step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// It is time for a checkpoint.
    Checkpoint,
    /// The epoch is over, or a signal interrupts it.
    Epoch,
}

/// What the loop works with.
pub struct Session<T: Task> {
    pub task: T,
    /// Epochs of the whole run.
    pub epochs: usize,
    /// Epochs without a lower validation loss after which the run stops.
    pub early_stopping: Option<usize>,
    /// Time after which a checkpoint is written in the middle of an epoch.
    pub checkpoint_after: Duration,
    /// The largest norm of all gradients together.
    pub clip_norm: Option<f32>,
    pub seed: u64,
    pub device: Device,
    pub loader: BurnLoader<T::Batch>,
    pub state: RunState,
    pub checkpoints: CheckpointWriter,
    pub directory: RunDirectory,
    pub observers: Observers,
    /// The contents of `report.json`; the loop fills in its measurements.
    pub report: RunReport,
    /// Whether the results have a page with pictures.
    pub draws_report: bool,
}

/// The loop as Burn's Learner calls it.
pub struct EpochLoop<T: Task> {
    session: Mutex<Session<T>>,
    outcome: Mutex<Option<anyhow::Result<Stop>>>,
}

impl<T: Task> EpochLoop<T> {
    pub fn new(session: Session<T>) -> Self {
        Self { session: Mutex::new(session), outcome: Mutex::new(None) }
    }

    /// How the loop ended; `None` before it ran.
    pub fn take_outcome(&self) -> Option<anyhow::Result<Stop>> {
        lock(&self.outcome).take()
    }

    /// The session, for what comes after training.
    pub fn session(&self) -> MutexGuard<'_, Session<T>> {
        lock(&self.session)
    }
}

impl<T: Task> SupervisedLearningStrategy<T::Model> for EpochLoop<T> {
    fn fit(
        &self,
        components: TrainingComponents<T::Model>,
        learner: Learner<T::Model>,
        train: TrainLoader<T::Model>,
        validation: ValidLoader<T::Model>,
        _starting_epoch: usize,
    ) -> (T::Model, SupervisedTrainingEventProcessor<T::Model>) {
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

fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Run<'a, T: Task> {
    session: &'a mut Session<T>,
    learner: Learner<T::Model>,
    checkpointer: Option<LearningCheckpointer<T::Model>>,
    event_store: &'a EventStoreClient,
    interrupter: Interrupter,
}

impl<T: Task> Run<'_, T> {
    fn finish(
        &mut self,
        train: &dyn DataLoader<T::Batch>,
        validation: &dyn DataLoader<T::Batch>,
    ) -> anyhow::Result<Stop> {
        loop {
            if self.session.state.history.len() >= self.session.epochs {
                return Ok(Stop::LastEpoch);
            }
            // Checked before an epoch, so that a resumed run that had stopped early stays stopped.
            let since_best = self.session.state.epochs_since_best();
            if self.session.early_stopping.is_some_and(|patience| since_best >= patience) {
                return Ok(Stop::NoImprovement);
            }
            self.train_epoch(train)?;
            let (figures, predicted) = self.validate(validation)?;
            if self.should_stop() {
                self.write_checkpoint()?;
                // Burn stops its interrupter on errors alone, which `take_steps` has reported.
                return Ok(Stop::Interrupted(signals::received().unwrap_or(Signal::Interrupt)));
            }
            self.finish_epoch(&figures)?;
            self.warn(predicted)?;
        }
    }

    fn should_stop(&self) -> bool {
        self.interrupter.should_stop() || signals::received().is_some()
    }

    /// Takes the remaining steps of the epoch, or those until a signal; writes checkpoints in a long
    /// epoch.
    fn train_epoch(&mut self, train: &dyn DataLoader<T::Batch>) -> anyhow::Result<()> {
        let session = &mut *self.session;
        let (epoch, epochs) = (session.state.epoch(), session.epochs);
        session.loader.seek(epoch, session.state.batch);
        let images = train.num_items() as u64;
        session.observers.observe(&Event::EpochStarted { epoch, epochs, images })?;
        let mut batches = train.iter();
        while self.take_steps(&mut *batches)? == Pause::Checkpoint {
            self.write_checkpoint()?;
        }
        drop(batches);
        let waited = self.session.loader.take_waited();
        self.session.state.loading_seconds += waited.as_secs_f64();
        Ok(())
    }

    /// Takes steps until the epoch ends, a signal arrives, or it is time for a checkpoint.
    fn take_steps(
        &mut self,
        batches: &mut dyn DataLoaderIterator<T::Batch>,
    ) -> anyhow::Result<Pause> {
        let Self { session, learner, interrupter, .. } = self;
        let epoch = session.state.epoch();
        let mut reader = DelayedReader::default();
        let start = Instant::now();
        let mut clock = start;
        let mut pause = Pause::Epoch;
        while !interrupter.should_stop()
            && signals::received().is_none()
            && let Some(batch) = batches.next()
        {
            let batch = batch.context("cannot load a training batch")?;
            let state = &mut session.state;
            state.step += 1;
            // Dropout's mask depends on the seed and the step alone.
            session.device.seed(session.seed.rotate_left(32) ^ state.step);
            let output = learner.train_step(batch);
            learner.lr_step();
            let mut gradients = output.grads;
            if let Some(max_norm) = session.clip_norm {
                gradients = clip_by_global_norm(gradients, &learner.model(), max_norm);
            }
            learner.optimizer_step(gradients);
            state.learning_rate = learner.lr_current().base();
            state.batch += 1;
            reader.push(state.step, output.item, epoch, &mut state.tally)?;
            state.seconds += clock.elapsed().as_secs_f64();
            clock = Instant::now();
            session.report_progress()?;
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

    /// Measures the epoch's weights on the validation images, or on some of them after a signal; also
    /// returns the smallest and the largest predicted class.
    fn validate(
        &self,
        validation: &dyn DataLoader<T::Batch>,
    ) -> anyhow::Result<(EpochFigures, Option<[usize; 2]>)> {
        let state = &self.session.state;
        let epoch = state.epoch();
        let start = Instant::now();
        // A copy without gradients, batch normalization using its running statistics.
        let model = self.learner.model().valid();
        let (mut reader, mut tally) = (DelayedReader::default(), Tally::default());
        let mut batches = validation.iter();
        while !self.should_stop()
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
        Ok((figures, tally.predicted()))
    }

    /// Warns of a training that goes wrong.
    fn warn(&mut self, predicted: Option<[usize; 2]>) -> anyhow::Result<()> {
        let Session { task, state, observers, .. } = &mut *self.session;
        match task.epoch_warning(&state.history, predicted) {
            Some(warning) => observers.observe(&Event::Warning(&warning)),
            None => Ok(()),
        }
    }

    /// Stores the weights if they are the best so far, writes a checkpoint, reports the epoch.
    fn finish_epoch(&mut self, figures: &EpochFigures) -> anyhow::Result<()> {
        self.session.directory.check_in_place()?;
        let validation = figures.validation;
        let best = self.session.state.best().map(|best| best.validation.loss);
        let is_best = best.is_none_or(|best| validation.loss < best);
        if is_best {
            let mut card = self.session.task.card().clone();
            card.origin = Origin {
                seed: self.session.seed,
                epoch: figures.epoch,
                validation_loss: validation.loss,
                validation_accuracy: validation.accuracy,
            };
            let network = T::network(self.learner.model().valid());
            save_model(self.session.directory.path(), network, card)?;
        }
        let session = &mut *self.session;
        let state = &mut session.state;
        state.total_seconds += state.seconds + validation.seconds;
        state.history.push(figures.clone());
        (state.batch, state.tally, state.seconds) = (0, Tally::default(), 0.0);
        self.write_checkpoint()?;

        let session = &mut *self.session;
        session.report.update(&session.state);
        session.directory.write_report(&session.report.to_json()?)?;
        let (history, epochs) = (&session.state.history, session.epochs);
        session.observers.observe(&Event::EpochFinished { history, epochs, is_best })
    }

    fn write_checkpoint(&mut self) -> anyhow::Result<()> {
        // Batch normalization keeps its newest statistics out of the record until a copy for inference
        // is made.
        drop(self.learner.model().valid());
        self.session.directory.check_in_place()?;
        let state = &self.session.state;
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.checkpoint(&self.learner, state.step as usize, self.event_store);
        }
        self.session.checkpoints.write(state)
    }
}

impl<T: Task> Session<T> {
    fn report_progress(&mut self) -> anyhow::Result<()> {
        let RunState { tally, seconds, total_seconds, step, .. } = &self.state;
        let steps = (self.epochs * self.loader.num_batches()) as f64;
        let remaining = (seconds + total_seconds) * (steps / *step as f64 - 1.0);
        self.observers.observe(&Event::Step {
            tally,
            images_per_second: tally.images() as f64 / seconds.max(1e-9),
            remaining: Duration::from_secs_f64(remaining.max(0.0)),
        })
    }
}
