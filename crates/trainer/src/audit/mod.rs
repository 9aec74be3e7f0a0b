//! The audit of a data set: labels that are probably wrong, near-duplicates and outliers.
//!
//! Cross-validation gives every training image probabilities from a network that was not trained on
//! it. Each fold is a normal training in a folder of its own, and so can be interrupted and resumed.

mod corrections;
mod findings;
mod issue;
mod page;

use std::fs;
use std::path::Path;

use anyhow::Context;
use data::{LoadedDataset, Split, folds, printable_path, read_regular};
use metrics::{FeatureMatrix, Predictions, random_projection};
use model::{Classifier, Compute};
use runs::{Observers, write_file};

use crate::config::{Config, ConfigFile};
use crate::images::Images;
use crate::learn::{Ending, FoldRun, Signal, train_fold};
use crate::task::classification::{Evaluation, network_features};

pub use self::findings::{Findings, ISSUES, SCORES};
pub use self::issue::{Issue, IssueKind};

/// The decisions about the issues, in the folder of the audit, for `dataset.corrections`.
pub const CORRECTIONS: &str = "corrections.csv";
/// The page with the pictures, in the folder of the audit.
pub const AUDIT_PAGE: &str = "audit.html";
/// The file that says which images an audit's folder is about.
const IMAGES: &str = "images.txt";
/// More bytes than [`IMAGES`] ever has.
const IMAGES_LIMIT: u64 = 1 << 12;

/// Longer feature vectors are projected: they are kept for all images at once.
const MOST_FEATURES: usize = metrics::PROJECTED_DIMENSIONS;

/// How to audit a data set.
pub struct AuditInputs<'a> {
    /// The config of the networks.
    pub config: &'a Config,
    /// Its file.
    pub file: &'a ConfigFile,
    /// Where they are trained.
    pub compute: &'a Compute,
    /// The folder to write; each fold has a folder in it.
    pub folder: &'a Path,
    /// Number of folds.
    pub folds: usize,
}

/// How an audit ended that did not fail.
pub enum Audited {
    /// All folds are trained; the findings are written.
    Complete {
        /// What was found.
        findings: Box<Findings>,
        /// Whether there were [`CORRECTIONS`] already, which are never replaced: a user edits them.
        kept_corrections: bool,
    },
    /// A signal stopped it; its progress is saved.
    Interrupted(Signal),
}

/// Whether `folder` was written by an audit.
#[must_use]
pub fn is_audit(folder: &Path) -> bool {
    folder.join(IMAGES).is_file()
}

/// Audits the training split of `source`, its validation images included, and writes [`ISSUES`],
/// [`SCORES`], [`CORRECTIONS`] and [`AUDIT_PAGE`]. Folds that are in the folder already are kept;
/// `observers` are those of a fold, by its number from 1.
///
/// # Errors
/// When a training fails, the folder has folds of another config or of other images, or a file cannot
/// be written.
pub fn audit(
    inputs: &AuditInputs,
    source: &LoadedDataset,
    mut observers: impl FnMut(usize) -> Observers,
) -> anyhow::Result<Audited> {
    let set = &source.train;
    let folds = folds(set, inputs.folds, inputs.config.seed)?;
    claim(inputs.folder, &format!("{} folds of {}\n", inputs.folds, set.sha256()))?;
    let folder = |number: usize| inputs.folder.join(format!("fold-{number}"));
    for (number, fold) in (1..).zip(&folds) {
        let images = fold_images(source, fold)?;
        let run = FoldRun {
            config: inputs.config,
            file: inputs.file,
            compute: inputs.compute,
            folder: &folder(number),
        };
        let ending = train_fold(&run, images, observers(number));
        let ending = ending.with_context(|| format!("fold {number} of {}", inputs.folds))?;
        if let Ending::Interrupted(signal) = ending {
            return Ok(Audited::Interrupted(signal));
        }
    }

    let classes = source.class_names.len();
    let mut probabilities = vec![0.0; set.len() * classes];
    for (number, fold) in (1..).zip(&folds) {
        let classifier = Classifier::open(&folder(number), &inputs.compute.device)?;
        let evaluation = Evaluation::new(&classifier, set, fold.clone())?.predictions()?;
        for (place, &index) in fold.iter().enumerate() {
            let row = &mut probabilities[index * classes..][..classes];
            row.copy_from_slice(evaluation.probabilities(place));
        }
    }
    let labels = set.labels().iter().map(|&label| usize::from(label)).collect();
    let predictions = Predictions::new(source.class_names.clone(), labels, probabilities)
        .context("the models' outputs are no probabilities")?;
    // Features of two networks cannot be compared: all are those of the first.
    let first = Classifier::open(&folder(1), &inputs.compute.device)?;
    let features = features(&first, source)?;
    let findings = Findings::new(set, &predictions, features.as_ref());
    write_file(&inputs.folder.join(ISSUES), &findings.csv()?)?;
    write_file(&inputs.folder.join(SCORES), &findings.scores_csv()?)?;
    let corrections = inputs.folder.join(CORRECTIONS);
    let kept_corrections = fs::symlink_metadata(&corrections).is_ok();
    if !kept_corrections {
        write_file(&corrections, &corrections::corrections(&findings)?)?;
    }
    let page = page::page(&findings, source, &inputs.config.dataset.source.to_string())?;
    write_file(&inputs.folder.join(AUDIT_PAGE), page.html().as_bytes())?;
    Ok(Audited::Complete { findings: Box::new(findings), kept_corrections })
}

/// Makes the folder of an audit, or accepts one that is about the same folds of the same `images`.
fn claim(folder: &Path, images: &str) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| printable_path(folder))?;
    let file = folder.join(IMAGES);
    if !is_audit(folder) {
        return write_file(&file, images.as_bytes());
    }
    let before = read_regular(&file, IMAGES_LIMIT).with_context(|| printable_path(&file))?;
    anyhow::ensure!(
        before == images.as_bytes(),
        "{}: the audit in this folder is about other images or another number of folds: choose \
         another folder with --output",
        printable_path(folder)
    );
    Ok(())
}

/// The images of a fold's training: the fold is the test split, a tenth of the others is held out for
/// validation.
fn fold_images(source: &LoadedDataset, fold: &[usize]) -> anyhow::Result<Images> {
    let others: Vec<usize> =
        (0..source.train.len()).filter(|index| fold.binary_search(index).is_err()).collect();
    // Every tenth: folds are stratified and shuffled, but images are often sorted by class, so that
    // this takes a tenth of each.
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (place, index) in others.into_iter().enumerate() {
        let part = if place % 10 == 9 { &mut validation } else { &mut train };
        part.push(index);
    }
    anyhow::ensure!(!validation.is_empty(), "{} images are too few to audit", source.train.len());
    let test = source.train.select(fold)?;
    let source = LoadedDataset { test, undivided: None, validation: None, ..source.clone() };
    Ok(Images { source, split: Split { train, validation } })
}

/// The features of all training images; `None` where they are not finite.
fn features(
    classifier: &Classifier,
    source: &LoadedDataset,
) -> anyhow::Result<Option<FeatureMatrix>> {
    let indices: Vec<usize> = (0..source.train.len()).collect();
    let mut values = Vec::new();
    network_features(classifier, &source.train, &indices, &mut |row| {
        if row.len() > MOST_FEATURES {
            values.extend(random_projection(row));
        } else {
            values.extend_from_slice(row);
        }
    })?;
    let dimensions = values.len() / indices.len();
    Ok(FeatureMatrix::new(values, dimensions).ok())
}
