//! The results of a classifier on the images of a split.

use std::path::Path;
use std::time::Instant;

use data::ImageSet;
use metrics::{Metrics, Predictions};
use model::{Classifier, Prediction};
use runs::{EpochFigures, Score, TestMetrics};

use super::corruptions::CorruptionTest;
use super::evaluation::Evaluation;
use super::features::network_features;
use super::report_files::{Extract, Subject, write_predictions, write_report};
use crate::task::TestResults;

/// A classifier's predictions for the images of a split, and their figures.
pub struct ClassificationResults<'a> {
    evaluation: Evaluation,
    predictions: Predictions,
    metrics: Metrics,
    seconds: f64,
    features: Box<Extract<'a>>,
    set: &'a ImageSet,
    mislabelled: &'a [usize],
    corruptions: Option<CorruptionTest>,
}

impl<'a> ClassificationResults<'a> {
    /// The results of a stored model on the images of `set` at `indices`. `mislabelled` are the indices
    /// of images whose labels are known to be wrong.
    ///
    /// # Errors
    /// When the device fails, or the model's outputs are no probabilities, for example not finite.
    pub fn of_model(
        classifier: Classifier,
        set: &'a ImageSet,
        indices: Vec<usize>,
        mislabelled: &'a [usize],
    ) -> anyhow::Result<Self> {
        let start = Instant::now();
        let evaluation = Evaluation::new(&classifier, set, indices)?;
        let seconds = start.elapsed().as_secs_f64();
        let features = move |indices: &[usize], take: &mut dyn FnMut(&[f32])| {
            network_features(&classifier, set, indices, take)
        };
        Self::new(evaluation, seconds, set, mislabelled, Box::new(features))
    }

    /// The results of given predictions, which took `seconds`, for the images of `set` at `indices`.
    ///
    /// # Errors
    /// When they are no probabilities.
    pub fn of_predictions(
        class_names: Vec<String>,
        (set, indices): (&'a ImageSet, Vec<usize>),
        (predictions, seconds): (Vec<Prediction>, f64),
        mislabelled: &'a [usize],
        features: Box<Extract<'a>>,
    ) -> anyhow::Result<Self> {
        let evaluation = Evaluation::of(class_names, set, indices, predictions);
        Self::new(evaluation, seconds, set, mislabelled, features)
    }

    fn new(
        evaluation: Evaluation,
        seconds: f64,
        set: &'a ImageSet,
        mislabelled: &'a [usize],
        features: Box<Extract<'a>>,
    ) -> anyhow::Result<Self> {
        let predictions = evaluation.predictions()?;
        let metrics = Metrics::of(&predictions);
        let corruptions = None;
        Ok(Self {
            evaluation,
            predictions,
            metrics,
            seconds,
            features,
            set,
            mislabelled,
            corruptions,
        })
    }

    /// The same results, whose report also has those on corrupted images.
    #[must_use]
    pub fn with_corruptions(self, corruptions: CorruptionTest) -> Self {
        Self { corruptions: Some(corruptions), ..self }
    }

    /// The figures.
    #[must_use]
    pub fn figures(&self) -> &Metrics {
        &self.metrics
    }
}

impl TestResults for ClassificationResults<'_> {
    fn score(&self) -> Score {
        self.evaluation.score()
    }

    fn seconds(&self) -> f64 {
        self.seconds
    }

    fn metrics(&self) -> TestMetrics {
        TestMetrics::Classification(Box::new(self.metrics.clone()))
    }

    fn write_predictions(&self, folder: &Path) -> anyhow::Result<()> {
        write_predictions(folder, &self.evaluation)
    }

    fn write_report(
        &self,
        folder: &Path,
        title: &str,
        subtitle: &str,
        history: &[EpochFigures],
    ) -> anyhow::Result<()> {
        let subject = Subject {
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            features: &*self.features,
            set: self.set,
            mislabelled: self.mislabelled,
            history,
            corruptions: self.corruptions.as_ref(),
        };
        write_report(folder, &self.evaluation, &self.predictions, &self.metrics, &subject)
    }
}
