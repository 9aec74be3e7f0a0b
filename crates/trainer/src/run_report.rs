//! `report.json`: what a run was and what came of it; readable while the run goes on.

use metrics::Metrics;
use model::BURN_VERSION;
use serde::{Deserialize, Serialize};

use crate::checkpoint::RunState;
use crate::run_directory::{DirectoryError, RunDirectory};

/// The name and version that artifacts carry.
pub const PROGRAM: &str = concat!("glyph ", env!("CARGO_PKG_VERSION"));

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Running,
    Interrupted,
    /// Ended by an error; see the report's `error`.
    Failed,
    Complete,
}

/// The contents of `report.json`.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    pub status: Status,
    /// What ended a failed run.
    pub error: Option<String>,
    pub program: &'static str,
    pub burn: &'static str,
    /// Name of the backend and, where it has several devices, an index.
    pub backend: String,
    /// What the hardware calls itself.
    pub device: String,
    pub seed: u64,
    pub dataset: String,
    pub train_images: usize,
    pub validation_images: usize,
    pub parameters: usize,
    /// For one image.
    pub multiply_adds: usize,
    /// Complete epochs.
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Figures of the best epoch.
    pub validation: Option<Score>,
    /// Figures of the best epoch's weights on the test split; measured once, at the end.
    pub test: Option<Score>,
    /// All that is known about those figures.
    pub metrics: Option<Metrics>,
    /// Spent on training and validation.
    pub seconds: f64,
    /// Over all complete epochs, validation excluded.
    pub train_images_per_second: f64,
    /// Share of the training time that was spent waiting for images.
    pub loading_share: f64,
}

/// How right a model is on a split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub accuracy: f64,
    /// In nats: mean cross-entropy on the test split, the training's own loss on the others.
    pub loss: f64,
    pub images: usize,
}

impl Score {
    /// Images classified wrongly.
    pub fn wrong(&self) -> u64 {
        (self.images as f64 * (1.0 - self.accuracy)).round() as u64
    }
}

impl RunReport {
    /// A report of a run that has not measured anything yet.
    pub fn new(backend: String, device: String, seed: u64, dataset: String) -> Self {
        Self {
            status: Status::Running,
            error: None,
            program: PROGRAM,
            burn: BURN_VERSION,
            backend,
            device,
            seed,
            dataset,
            train_images: 0,
            validation_images: 0,
            parameters: 0,
            multiply_adds: 0,
            epochs: 0,
            best_epoch: None,
            validation: None,
            test: None,
            metrics: None,
            seconds: 0.0,
            train_images_per_second: 0.0,
            loading_share: 0.0,
        }
    }

    /// Takes over what the run has measured so far.
    pub fn update(&mut self, state: &RunState) {
        let train_seconds: f64 = state.history.iter().map(|epoch| epoch.train.seconds).sum();
        let images = self.train_images * state.history.len();
        self.epochs = state.history.len();
        self.best_epoch = state.best().map(|best| best.epoch);
        self.validation = state.best().map(|best| Score {
            accuracy: best.validation.accuracy,
            loss: best.validation.loss,
            images: self.validation_images,
        });
        self.seconds = state.total_seconds + state.seconds;
        self.train_images_per_second = images as f64 / train_seconds.max(1e-9);
        self.loading_share = state.loading_seconds / (train_seconds + state.seconds).max(1e-9);
    }

    pub fn write(&self, directory: &RunDirectory) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        directory.write_report(&(text + "\n")).map_err(DirectoryError::into)
    }
}
