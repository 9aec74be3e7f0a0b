//! What a training reports, and who receives it.
//!
//! Training code prints nothing and formats nothing: it passes [`Event`]s to its [`Observers`]. The
//! terminal, JSON lines, the log, `metrics.csv` and the event files are observers.

use std::path::Path;
use std::time::Duration;

use data::{ImageShape, Preparation};
use model::{Plan, TrainingMemory};

use crate::history::EpochFigures;
use crate::report::RunReport;
use crate::tally::Tally;

/// Something that happens in a training.
pub enum Event<'a> {
    /// Bytes of a file of the data set have arrived.
    Download {
        /// Name of the file.
        file: &'a str,
        /// Bytes so far.
        received: u64,
        /// Bytes in all, if the server says so.
        total: Option<u64>,
    },
    /// Everything is checked, and the run begins.
    Started(Started<'a>),
    /// The run continues from a checkpoint.
    Resumed {
        /// The current epoch, counted from 1.
        epoch: usize,
        /// Optimizer steps already taken.
        step: u64,
    },
    /// An epoch begins, or continues.
    EpochStarted {
        /// Counted from 1.
        epoch: usize,
        /// Epochs of the whole run.
        epochs: usize,
        /// Training images of an epoch.
        images: u64,
    },
    /// A step is done.
    Step {
        /// The epoch so far.
        tally: &'a Tally,
        /// Training speed in this epoch.
        images_per_second: f64,
        /// Estimated time until the last epoch ends.
        remaining: Duration,
    },
    /// An epoch is done; it is the last one of `history`.
    EpochFinished {
        /// All complete epochs.
        history: &'a [EpochFigures],
        /// Epochs of the whole run.
        epochs: usize,
        /// Whether the validation loss is the lowest so far.
        is_best: bool,
    },
    /// Something is probably wrong.
    Warning(&'a str),
    /// Something worth knowing.
    Message(&'a str),
    /// The run was stopped on request, its progress saved.
    Interrupted {
        /// The report so far.
        report: &'a RunReport,
        /// Optimizer steps taken.
        step: u64,
        /// The run's folder.
        folder: &'a Path,
    },
    /// The run is complete.
    Finished {
        /// The final report.
        report: &'a RunReport,
        /// The run's folder.
        folder: &'a Path,
    },
}

/// The subject of a training.
pub struct Started<'a> {
    /// Name of the data set.
    pub dataset: &'a str,
    /// Shape of its images.
    pub shape: ImageShape,
    /// How pictures become such images.
    pub preparation: Preparation,
    /// Number of classes.
    pub classes: usize,
    /// Number of training images, the validation images excluded.
    pub train_images: usize,
    /// Number of validation images.
    pub validation_images: usize,
    /// Number of test images.
    pub test_images: usize,
    /// The network.
    pub plan: &'a Plan,
    /// What training it needs, besides the images.
    pub memory: TrainingMemory,
    /// Bytes that the images of the data set take, at most.
    pub image_memory: u64,
    /// Name of the device.
    pub device: &'a str,
    /// The hardware's own name.
    pub device_description: &'a str,
    /// The run's folder.
    pub folder: &'a Path,
    /// Complete epochs of a resumed run; empty for a new one.
    pub history: &'a [EpochFigures],
}

/// Receives the events of a training.
pub trait Observer: Send {
    /// Takes note of an event.
    ///
    /// # Errors
    /// When the training must stop, for example because a file cannot be written.
    fn observe(&mut self, event: &Event) -> anyhow::Result<()>;
}

/// Passes every event to several observers, in order.
#[derive(Default)]
pub struct Observers(Vec<Box<dyn Observer>>);

impl Observers {
    /// Adds an observer.
    pub fn add(&mut self, observer: impl Observer + 'static) {
        self.0.push(Box::new(observer));
    }

    /// Passes on `event`.
    ///
    /// # Errors
    /// That of the first observer that fails.
    pub fn observe(&mut self, event: &Event) -> anyhow::Result<()> {
        self.0.iter_mut().try_for_each(|observer| observer.observe(event))
    }
}
