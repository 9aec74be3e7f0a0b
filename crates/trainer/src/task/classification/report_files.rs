//! The files of an evaluation: predictions, report and pictures.

use std::fs;
use std::path::Path;

use anyhow::Context;
use charts::ImageView;
use data::{Image, ImageSet};
use metrics::{FeatureMatrix, Metrics, Predictions};
use report::{ImageFeatures, Report};
use runs::files::{PLOTS, PREDICTIONS, REPORT_PAGE};
use runs::{EpochFigures, write_file};

use super::evaluation::Evaluation;

/// Images in the projections: as many as t-SNE lays out in seconds.
const PROJECTED: usize = 2000;

/// Computes the inputs of a model's last, linear layer: a row per image.
type Extract<'a> = dyn Fn(&[Image]) -> anyhow::Result<Vec<Vec<f32>>> + 'a;

/// The subject of a report.
pub struct Subject<'a> {
    /// The title of the page.
    pub title: String,
    /// The line below the title.
    pub subtitle: String,
    /// Computes the inputs of the model's last layer.
    pub features: &'a Extract<'a>,
    /// The images, labelled.
    pub set: &'a ImageSet,
    /// Indices of images whose labels are known to be wrong.
    pub mislabelled: &'a [usize],
    /// The epochs of the training; empty if they are not known.
    pub history: &'a [EpochFigures],
}

/// Writes `predictions.csv`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_predictions(folder: &Path, evaluation: &Evaluation) -> anyhow::Result<()> {
    write_file(&folder.join(PREDICTIONS), &evaluation.csv()?)
}

/// Writes the page and its pictures.
///
/// # Errors
/// When a picture cannot be drawn, or a file cannot be written.
pub fn write_report(
    folder: &Path,
    evaluation: &Evaluation,
    predictions: &Predictions,
    metrics: &Metrics,
    subject: &Subject,
) -> anyhow::Result<()> {
    let report =
        draw(evaluation, predictions, metrics, subject).context("cannot draw the report")?;
    let plots = folder.join(PLOTS);
    fs::create_dir_all(&plots).with_context(|| plots.display().to_string())?;
    for plot in &report.pictures {
        write_file(&plots.join(plot.file), &plot.picture.png()?)?;
    }
    write_file(&folder.join(REPORT_PAGE), report.page.html().as_bytes())
}

fn draw(
    evaluation: &Evaluation,
    predictions: &Predictions,
    metrics: &Metrics,
    subject: &Subject,
) -> anyhow::Result<Report> {
    let set = subject.set;
    let shape = set.shape();
    let view =
        |&index| ImageView::new(shape.channels, shape.height, shape.width, set.pixels(index));
    let images = evaluation.indices().iter().map(view).collect::<Result<Vec<_>, _>>()?;
    let (positions, features) = features(evaluation, subject)?;
    let features =
        features.as_ref().map(|features| ImageFeatures { positions: &positions, features });
    Ok(Report::of(
        &report::ReportInput {
            title: &subject.title,
            subtitle: &subject.subtitle,
            predictions,
            images: &images,
            indices: evaluation.places(),
            mislabelled: subject.mislabelled,
            features,
            epochs: &learning_curves(subject.history),
        },
        metrics,
    )?)
}

/// The last layer's inputs for some evenly spread images, with their positions; no features where
/// they are not finite or all equal.
fn features(
    evaluation: &Evaluation,
    subject: &Subject,
) -> anyhow::Result<(Vec<usize>, Option<FeatureMatrix>)> {
    let indices = evaluation.indices();
    let count = indices.len().min(PROJECTED);
    let positions: Vec<usize> = (0..count).map(|n| n * indices.len() / count).collect();
    let images: Vec<_> =
        positions.iter().map(|&position| subject.set.image(indices[position])).collect();
    let rows = (subject.features)(&images)?;
    let width = rows.first().map_or(0, Vec::len);
    Ok((positions, FeatureMatrix::new(rows.concat(), width).ok()))
}

/// The history of a run as charts take it.
#[must_use]
pub fn learning_curves(history: &[EpochFigures]) -> Vec<charts::EpochPoint> {
    let point = |figures: &EpochFigures| charts::EpochPoint {
        train_loss: figures.train.loss,
        train_accuracy: figures.train.accuracy,
        validation_loss: Some(figures.validation.loss),
        validation_accuracy: Some(figures.validation.accuracy),
        learning_rate: figures.learning_rate,
    };
    history.iter().map(point).collect()
}
