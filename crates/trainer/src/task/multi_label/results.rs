//! The results of a multi-label model on the images of a split.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use data::ImageSet;
use metrics::{MultiLabelMetrics, MultiLabelPredictions};
use model::{Classifier, MultiLabel};
use report::{MultiLabelInput, Report};
use runs::files::PREDICTIONS;
use runs::{EpochFigures, Score, TestMetrics, write_file};

use super::evaluation::LabelEvaluation;
use crate::task::TestResults;
use crate::task::learning_curves::learning_curves;
use crate::task::write_page::write_page;
use crate::viewed_images::ViewedImages;

/// A multi-label model's predictions for the images of a split, and their figures.
pub struct MultiLabelResults<'a> {
    evaluation: LabelEvaluation,
    predictions: MultiLabelPredictions,
    thresholds: Vec<f64>,
    metrics: MultiLabelMetrics,
    seconds: f64,
    set: &'a ImageSet,
}

impl<'a> MultiLabelResults<'a> {
    /// The results of a stored model on the images of `set` at `indices`.
    ///
    /// # Errors
    /// When the device fails, the model's outputs are no probabilities, or it is not multi-label.
    pub fn of_model(
        classifier: &Classifier,
        set: &'a ImageSet,
        indices: Vec<usize>,
    ) -> anyhow::Result<Self> {
        let multi_label = classifier.multi_label().context("the model is not multi-label")?;
        let MultiLabel { thresholds } = multi_label.clone();
        let start = Instant::now();
        let evaluation = LabelEvaluation::new(classifier, set, indices)?;
        let seconds = start.elapsed().as_secs_f64();
        let predictions = evaluation.predictions()?;
        let metrics = MultiLabelMetrics::of(&predictions, &thresholds);
        Ok(Self { evaluation, predictions, thresholds, metrics, seconds, set })
    }
}

impl TestResults for MultiLabelResults<'_> {
    fn score(&self) -> Score {
        Score {
            accuracy: self.metrics.accuracy.unwrap_or_default(),
            loss: self.metrics.binary_cross_entropy.unwrap_or_default(),
            images: self.metrics.images,
        }
    }

    fn seconds(&self) -> f64 {
        self.seconds
    }

    fn metrics(&self) -> TestMetrics {
        TestMetrics::MultiLabel(Box::new(self.metrics.clone()))
    }

    fn write_predictions(&self, folder: &Path) -> anyhow::Result<()> {
        let csv = self.evaluation.csv(&self.predictions, &self.thresholds)?;
        write_file(&folder.join(PREDICTIONS), &csv)
    }

    fn write_report(
        &self,
        folder: &Path,
        title: &str,
        subtitle: &str,
        history: &[EpochFigures],
    ) -> anyhow::Result<()> {
        let indices = self.evaluation.indices();
        let viewed = ViewedImages::new(self.set, indices)?;
        let images = viewed.views()?;
        let names: Vec<String> =
            (0..indices.len()).map(|position| self.evaluation.name(position)).collect();
        let input = MultiLabelInput {
            title,
            subtitle,
            predictions: &self.predictions,
            thresholds: &self.thresholds,
            images: &images,
            names: &names,
            epochs: &learning_curves(history),
        };
        let report = Report::of_multi_label(&input, &self.metrics);
        write_page(folder, &report.context("cannot draw the report")?)
    }
}
