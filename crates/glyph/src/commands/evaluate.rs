//! `glyph evaluate`: how good a stored model is.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};
use data::{ImageSet, InputConfig, LoadedDataset, printable, printable_path};
use metrics::CorruptionMetrics;
use model::{Classifier, Compute, ModelFiles};
use runs::files::{CONFIG, REPORT_PAGE};
use runs::{PROGRAM, Score, TestMetrics};
use serde::Serialize;
use terminal::{
    ComputeArguments, Console, Format, Verbosity, corruption_table, score_line, test_metrics_table,
    text_or_json,
};
use trainer::config::{ConfigFile, DataConfig, TaskConfig, TaskKind};
use trainer::task::classification::{ClassificationResults, CorruptionTest};
use trainer::task::{TestResults, test_model};
use trainer::{data_error, load_source};

use crate::evaluated::EvaluationFolder;
use crate::models::{
    compute_line, display_name, find_model, training_augmentation, training_data, training_history,
};
use crate::read_from::ReadFrom;

/// Options of `glyph evaluate`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph evaluate cnn
  glyph evaluate artifacts/runs/cnn -o evaluation
  glyph evaluate artifacts/runs/mine --data pictures/
  glyph evaluate cnn --corruptions -o evaluation")]
pub struct Options {
    /// Model to evaluate: robust or cnn, which are built in, or the folder of a trained one (./cnn if it is called so)
    #[arg(value_name = "MODEL")]
    model: String,
    /// Config with a `dataset` section, or folder of pictures [default: the model's own data]
    #[arg(long, value_name = "CONFIG|DIR")]
    data: Option<PathBuf>,
    /// Images to evaluate on: train, validation or test [default: test; with --data all images, if
    /// they have no test split]
    #[arg(long, value_name = "SPLIT", value_enum, hide_possible_values = true)]
    split: Option<SplitName>,
    /// Override a key of that config, for example dataset.test_images=1000 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Also classify the images with noise, blurred, in other light, moved and covered: 24 kinds of
    /// corruption with 5 severities each
    #[arg(long)]
    corruptions: bool,
    /// Folder to write report.html, report.json, predictions.csv and plots/ to
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json)]
    format: Format,
}

/// A split of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SplitName {
    /// The images that the network is trained on
    Train,
    /// The images held out of the training split
    Validation,
    /// The images that neither training nor any choice uses
    Test,
}

/// The results: as JSON, and `report.json` in the output folder.
#[derive(Serialize)]
struct Results<'a> {
    model: &'a str,
    dataset: String,
    split: String,
    backend: &'a str,
    #[serde(flatten)]
    score: Score,
    /// From pixels to probabilities.
    images_per_second: f64,
    metrics: TestMetrics,
    /// Only with `--corruptions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    corruptions: Option<CorruptionMetrics>,
}

/// `--corruptions` for a model that it does not suit.
#[derive(Debug, thiserror::Error)]
#[error(
    "{model}: --corruptions measures models that predict one class for each image, and this one \
     predicts several: leave it out"
)]
pub struct CorruptionsRefused {
    model: String,
}

/// Evaluates a stored model on a split of its own data set or another.
pub fn run(
    options: &Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    kernels::keep_freed_memory();
    let mut console = Console::new(options.format, verbosity);
    let files = find_model(&options.model)?;
    let compute = compute.open()?;
    console.detail(&compute_line(&files, &compute));
    compute.install(|| evaluate(options, &files, &compute, &mut console))?;
    Ok(ExitCode::SUCCESS)
}

fn evaluate(
    options: &Options,
    files: &ModelFiles,
    compute: &Compute,
    console: &mut Console,
) -> anyhow::Result<()> {
    let classifier = Classifier::load(files, &compute.device)?;
    let is_multi_label = classifier.multi_label().is_some();
    if options.corruptions && is_multi_label {
        return Err(CorruptionsRefused { model: options.model.clone() }.into());
    }
    let (file, mut config) = match &options.data {
        Some(data) => ConfigFile::read_data(data, &options.set)?,
        None => training_data(files, &options.set)?,
    };
    if config.dataset.source.reads_pictures() {
        // Pictures become the network's input as they do when the model is used.
        config.input = InputConfig::resolved(classifier.card().preparation, classifier.input());
    }
    let kind = if is_multi_label { TaskKind::MultiLabel } else { TaskKind::Classify };
    config.task = TaskConfig { kind };
    let mut source = load_source(&config, &file, &mut |download| {
        console.download(&download.file, download.received, download.total);
    })?;
    check_fit(&classifier, &mut source, &options.model, console)?;
    let whole =
        source.undivided.take().filter(|_| options.data.is_some() && options.split.is_none());
    let split = options.split.unwrap_or(SplitName::Test);
    if whole.is_none() {
        source.notes.iter().for_each(|note| console.message(note));
    }
    let is_own_test = split == SplitName::Test && options.data.is_none() && options.set.is_empty();
    // The report of a training has no corruptions.
    let own_run = files.folder().filter(|_| is_own_test && !options.corruptions);
    let data = [options.data.as_deref(), config.dataset.path.as_deref(), files.folder()];
    let read = ReadFrom::paths(data.into_iter().flatten());
    let open = |folder| EvaluationFolder::open(folder, own_run, &read);
    let folder = options.output.as_deref().map(open);
    let folder = folder.transpose()?;
    let (set, indices) = match &whole {
        Some(whole) => (whole, (0..whole.len()).collect()),
        None => images(&source, split, &config, &file)?,
    };
    let is_test = whole.is_none() && split == SplitName::Test;
    let split =
        if whole.is_some() { "all".to_owned() } else { format!("{split:?}").to_lowercase() };
    let mislabelled = if is_test { config.dataset.source.label_errors() } else { &[] };
    let mut corruptions = None;
    let tested: Box<dyn TestResults> = if options.corruptions {
        let test = test_corruptions(&classifier, set, &indices, files, console)?;
        corruptions = Some(test.metrics().clone());
        let results = ClassificationResults::of_model(classifier, set, indices, mislabelled)?;
        Box::new(results.with_corruptions(test))
    } else {
        test_model(classifier, set, indices, mislabelled)?
    };
    let score = tested.score();
    let results = Results {
        model: &options.model,
        dataset: config.dataset.source.to_string(),
        split: split.clone(),
        backend: &compute.name,
        score,
        images_per_second: score.images as f64 / tested.seconds(),
        metrics: tested.metrics(),
        corruptions,
    };
    if let Some(folder) = &folder {
        let title = format!("{} on {} {split} images", display_name(files)?, config.dataset.source);
        let subtitle = format!("{PROGRAM} on {}", compute.description);
        folder.write(&*tested, [&title, &subtitle], &training_history(files)?, &results)?;
    }
    let table = test_metrics_table(&results.metrics);
    let mut text = format!("{split}: {}\n{}", score_line(&results.score), table.trim_end());
    if let Some(corruptions) = &results.corruptions {
        text.push_str("\n\n");
        text.push_str(&corruption_table(corruptions));
    }
    console.result(&text, &results);
    if let Some(folder) = &options.output {
        console.message(&format!("report: {}", printable_path(&folder.join(REPORT_PAGE))));
    }
    Ok(())
}

/// Classifies the images under every corruption, with a progress bar.
fn test_corruptions(
    classifier: &Classifier,
    set: &ImageSet,
    indices: &[usize],
    files: &ModelFiles,
    console: &mut Console,
) -> anyhow::Result<CorruptionTest> {
    let augmentation = training_augmentation(files)?;
    if augmentation.is_none() {
        console.message(&format!(
            "{}: not found, so it is not known which corruptions the training's augmentation resembles",
            files.describe(CONFIG)
        ));
    }
    console.start_bar("corruptions".to_owned(), 100);
    let progress =
        |done: usize, total: usize| console.move_bar((100 * done / total) as u64, String::new);
    let test =
        CorruptionTest::of_model(classifier, set, indices, augmentation.as_deref(), progress);
    console.finish_bar();
    test
}

/// The images of a split, and their indices. The training split is divided only when needed: a test
/// split can be evaluated whatever `dataset.validation` says.
fn images<'a>(
    source: &'a LoadedDataset,
    split: SplitName,
    config: &DataConfig,
    file: &ConfigFile,
) -> anyhow::Result<(&'a ImageSet, Vec<usize>)> {
    if split == SplitName::Test {
        return Ok((&source.test, (0..source.test.len()).collect()));
    }
    let parts = source
        .split(config.dataset.validation, config.seed)
        .map_err(|error| data_error(file, error))?;
    let indices = if split == SplitName::Train { parts.train } else { parts.validation };
    Ok((&source.train, indices))
}

/// Refuses images that the model cannot take, matches classes by their names, and reports classes
/// with other names.
fn check_fit(
    classifier: &Classifier,
    source: &mut LoadedDataset,
    model: &str,
    console: &Console,
) -> anyhow::Result<()> {
    let (takes, has) = (classifier.input(), source.test.shape());
    if takes != has {
        bail!("{model}: the model takes {takes} images, but the data set has {has}");
    }
    if source.match_classes(classifier.class_names()) {
        return Ok(());
    }
    let (names, classes) = (classifier.class_names(), &source.class_names);
    let [ours, theirs] = [names, classes].map(|names| printable(&names.join(", ")).into_owned());
    if names.len() != classes.len() {
        bail!(
            "{model}: the model has {} classes [{ours}], but the data set has {} [{theirs}]",
            names.len(),
            classes.len(),
        );
    }
    if names != classes {
        console.message(&format!(
            "the model's classes are [{ours}], those of the data set [{theirs}]: they are matched \
             in this order, under the model's names"
        ));
    }
    Ok(())
}
