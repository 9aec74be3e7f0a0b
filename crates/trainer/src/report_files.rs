//! The files that an evaluation leaves in a folder.

use std::fs;
use std::path::Path;

use anyhow::Context;
use charts::{EpochPoint, ImageView};
use data::{Image, ImageSet, write_whole};
use metrics::{FeatureMatrix, Metrics, Predictions};
use report::{ImageFeatures, Report};

use crate::evaluation::Evaluation;

pub const PAGE: &str = "report.html";
pub const PLOTS: &str = "plots";
pub const PREDICTIONS: &str = "predictions.csv";

/// Images on the maps of features: as many as t-SNE lays out in seconds.
const MAPPED: usize = 2000;

/// Tells what a model's last, linear layer sees of images: a row each.
type Extract<'a> = dyn Fn(&[Image]) -> anyhow::Result<Vec<Vec<f32>>> + 'a;

/// What an evaluation was about.
pub struct Subject<'a> {
    pub title: String,
    pub subtitle: String,
    /// What its last layer sees.
    pub features: &'a Extract<'a>,
    /// Where the images are.
    pub set: &'a ImageSet,
    /// Images of the set whose labels are known to be wrong.
    pub mislabelled: &'a [usize],
    /// How the model was trained; empty if that is not known.
    pub epochs: &'a [EpochPoint],
}

/// Writes the table of predictions.
pub fn write_predictions(folder: &Path, evaluation: &Evaluation) -> anyhow::Result<()> {
    write(&folder.join(PREDICTIONS), &evaluation.csv()?)
}

/// Writes the page and the pictures on it.
pub fn write_report(
    folder: &Path,
    evaluation: &Evaluation,
    predictions: &Predictions,
    metrics: &Metrics,
    subject: &Subject,
) -> anyhow::Result<()> {
    let report = draw(evaluation, predictions, metrics, subject).context("no report")?;
    let plots = folder.join(PLOTS);
    fs::create_dir_all(&plots).with_context(|| plots.display().to_string())?;
    for plot in &report.pictures {
        write(&plots.join(plot.file), &plot.picture.png()?)?;
    }
    write(&folder.join(PAGE), report.page.html().as_bytes())
}

/// Writes a file whole; an error names it.
pub fn write(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    write_whole(path, contents).with_context(|| path.display().to_string())
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
            epochs: subject.epochs,
        },
        metrics,
    )?)
}

/// What the last layer sees of some images, evenly spread; nothing where that is not
/// finite or there is no spread.
fn features(
    evaluation: &Evaluation,
    subject: &Subject,
) -> anyhow::Result<(Vec<usize>, Option<FeatureMatrix>)> {
    let indices = evaluation.indices();
    let count = indices.len().min(MAPPED);
    let positions: Vec<usize> = (0..count).map(|n| n * indices.len() / count).collect();
    let images: Vec<_> =
        positions.iter().map(|&position| subject.set.image(indices[position])).collect();
    let rows = (subject.features)(&images)?;
    let width = rows.first().map_or(0, Vec::len);
    Ok((positions, FeatureMatrix::new(rows.concat(), width).ok()))
}
