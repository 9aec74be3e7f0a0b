//! `report.json`: the settings and results of a run, complete or not.

use metrics::{Metrics, MultiLabelMetrics};
use model::BURN_VERSION;
use std::path::Path;

use anyhow::Context;
use data::{LARGEST_TEXT, printable_path, read_regular, write_whole};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::files::REPORT;
use crate::state::RunState;

/// Name and version of the program, as stored in models and reports.
pub const PROGRAM: &str = concat!("glyph ", env!("CARGO_PKG_VERSION"));

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being trained, or killed.
    Running,
    /// Stopped on request; can be resumed.
    Interrupted,
    /// All epochs are trained; the model is being tested, or the program was killed at that.
    Testing,
    /// Ended by an error; see the report's `error`.
    Failed,
    /// Trained and tested.
    Complete,
}

/// The contents of `report.json`.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// How far the run is.
    pub status: Status,
    /// What ended a failed run.
    pub error: Option<String>,
    /// Name and version of the program.
    pub program: &'static str,
    /// Version of Burn.
    pub burn: &'static str,
    /// Name of the backend and, where it has several devices, an index.
    pub backend: String,
    /// What the hardware calls itself.
    pub device: String,
    /// Seed of the run.
    pub seed: u64,
    /// Name of the data set.
    pub dataset: String,
    /// Number of training images, the validation images excluded.
    pub train_images: usize,
    /// Number of validation images.
    pub validation_images: usize,
    /// Trained numbers of the network.
    pub parameters: usize,
    /// Multiplications with an addition, for one image.
    pub multiply_adds: usize,
    /// Number of complete epochs.
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Validation figures of the best epoch.
    pub validation: Option<Score>,
    /// Test figures of the best epoch's weights; measured once, at the end.
    pub test: Option<Score>,
    /// Detailed test figures.
    pub metrics: Option<TestMetrics>,
    /// Time spent on training and validation.
    pub seconds: f64,
    /// Over all complete epochs, validation excluded.
    pub train_images_per_second: f64,
    /// Share of the training time that was spent waiting for images.
    pub loading_share: f64,
}

/// Detailed figures of a model on a split; in JSON, those of its task alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TestMetrics {
    /// Of a model whose images are of one class each.
    Classification(Box<Metrics>),
    /// Of a model that predicts any number of classes.
    MultiLabel(Box<MultiLabelMetrics>),
}

/// Accuracy and loss of a model on a split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Share of the images classified correctly, 0 to 1; with several classes per image, of those whose
    /// classes are all correct.
    pub accuracy: f64,
    /// In nats: mean cross-entropy on the test split, the training's own loss on the others.
    pub loss: f64,
    /// Number of images.
    pub images: usize,
}

impl Score {
    /// Number of images classified wrongly.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        (self.images as f64 * (1.0 - self.accuracy)).round() as u64
    }
}

impl RunReport {
    /// The report of a run at its start.
    #[must_use]
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

    /// Copies the figures of `state`.
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

    /// The contents of `report.json`.
    ///
    /// # Errors
    /// When a figure has no JSON form.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// How far the run in `folder` is; `None` if there is no report, or none that can be read.
#[must_use]
pub fn run_status(folder: &Path) -> Option<Status> {
    stored_value(folder, "status")
}

/// The backend on which the run in `folder` was trained; `None` if its report does not say so.
#[must_use]
pub fn stored_backend(folder: &Path) -> Option<String> {
    stored_value(folder, "backend")
}

/// The value of `key` in the report of the run in `folder`; `None` if it cannot be read.
fn stored_value<T: DeserializeOwned>(folder: &Path, key: &str) -> Option<T> {
    let text = read_regular(&folder.join(REPORT), LARGEST_TEXT).ok()?;
    let mut report: Map<String, Value> = serde_json::from_slice(&text).ok()?;
    serde_json::from_value(report.remove(key)?).ok()
}

/// Completes `report.json` of a run that ended after its training and before its test.
///
/// # Errors
/// When the file cannot be read or written, or is no report.
pub fn complete_report(folder: &Path, test: &Score, metrics: &TestMetrics) -> anyhow::Result<()> {
    let path = folder.join(REPORT);
    let complete = || -> anyhow::Result<()> {
        let bytes = read_regular(&path, LARGEST_TEXT)?;
        let mut report: Map<String, Value> = serde_json::from_slice(&bytes)?;
        report.insert("status".to_owned(), serde_json::to_value(Status::Complete)?);
        report.insert("error".to_owned(), Value::Null);
        report.insert("test".to_owned(), serde_json::to_value(test)?);
        report.insert("metrics".to_owned(), serde_json::to_value(metrics)?);
        write_whole(&path, (serde_json::to_string_pretty(&report)? + "\n").as_bytes())?;
        Ok(())
    };
    complete().with_context(|| printable_path(&path))
}
