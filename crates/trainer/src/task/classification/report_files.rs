//! The files of an evaluation: predictions, report and pictures.

use std::path::Path;

use anyhow::Context;
use data::ImageSet;
use metrics::{FeatureMatrix, Metrics, Predictions, random_projection};
use report::{CorruptionInput, ImageFeatures, Report};
use runs::files::PREDICTIONS;
use runs::{EpochFigures, write_file};

use super::corruptions::CorruptionTest;
use super::evaluation::Evaluation;
use crate::task::learning_curves::learning_curves;
use crate::task::write_page::write_page;
use crate::viewed_images::ViewedImages;

/// Images in the projections: as many as t-SNE lays out in seconds.
const MOST_POINTS: usize = 2000;

/// Gives a function the features of the images at some indices of the set, in order: the inputs of a
/// model's last, linear layer.
pub type Extract<'a> = dyn Fn(&[usize], &mut dyn FnMut(&[f32])) -> anyhow::Result<()> + 'a;

/// Longer feature vectors are projected to fewer dimensions: for maps of many images, they would need
/// more memory than the training did.
const MOST_FEATURES: usize = 4096;

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
    /// Accuracy on corrupted images, if it was measured.
    pub corruptions: Option<&'a CorruptionTest>,
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
    write_page(folder, &report)
}

fn draw(
    evaluation: &Evaluation,
    predictions: &Predictions,
    metrics: &Metrics,
    subject: &Subject,
) -> anyhow::Result<Report> {
    let viewed = ViewedImages::new(subject.set, evaluation.indices())?;
    let images = viewed.views()?;
    let (positions, features) = features(evaluation, subject)?;
    let features = features.as_ref().map(|(features, computed)| ImageFeatures {
        positions: &positions,
        features,
        computed: *computed,
    });
    let samples = subject.corruptions.map(CorruptionTest::samples).transpose()?;
    let corruptions = match (subject.corruptions, &samples) {
        (Some(test), Some(samples)) => {
            let (metrics, original) = (test.metrics(), test.original()?);
            Some(CorruptionInput { metrics, original, samples })
        }
        _ => None,
    };
    Ok(Report::of(
        &report::ReportInput {
            title: &subject.title,
            subtitle: &subject.subtitle,
            predictions,
            images: &images,
            indices: evaluation.places(),
            files: evaluation.files(),
            mislabelled: subject.mislabelled,
            features,
            epochs: &learning_curves(subject.history),
            corruptions,
        },
        metrics,
    )?)
}

/// The last layer's inputs for some images, and the number of inputs that the layer has.
type ReducedFeatures = (FeatureMatrix, usize);

/// The features of some evenly spread images, with their positions; no features where they are not
/// finite or all equal.
fn features(
    evaluation: &Evaluation,
    subject: &Subject,
) -> anyhow::Result<(Vec<usize>, Option<ReducedFeatures>)> {
    let indices = evaluation.indices();
    let count = indices.len().min(MOST_POINTS);
    let positions: Vec<usize> = (0..count).map(|n| n * indices.len() / count).collect();
    let spread: Vec<usize> = positions.iter().map(|&position| indices[position]).collect();
    let (mut values, mut computed) = (Vec::new(), 0);
    (subject.features)(&spread, &mut |row| {
        computed = row.len();
        if computed > MOST_FEATURES {
            values.extend(random_projection(row));
        } else {
            values.extend_from_slice(row);
        }
    })?;
    let dimensions = values.len() / count.max(1);
    let features = FeatureMatrix::new(values, dimensions).ok();
    Ok((positions, features.map(|features| (features, computed))))
}
