//! `trainer evaluate`: how good a stored model is.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use data::LoadedDataset;
use model::{CARD_FILE, Classifier, open_device};
use report::Metrics;
use serde::Serialize;

use crate::command_line::{EvaluateOptions, SplitName};
use crate::config::Config;
use crate::config_file::ConfigFile;
use crate::console::{Console, Verbosity};
use crate::evaluation::Evaluation;
use crate::images::Images;
use crate::layer_table::grouped;
use crate::metrics::curves;
use crate::metrics_table::metrics_table;
use crate::report_files::{self, Subject};
use crate::run_report::{PROGRAM, Score};
use crate::stored_run::{folder_name, read_history};

/// What `evaluate` tells: its JSON, and `report.json` in the output folder.
#[derive(Serialize)]
struct Answer<'a> {
    model: &'a Path,
    dataset: String,
    split: String,
    backend: &'a str,
    #[serde(flatten)]
    score: Score,
    /// From pixels to probabilities.
    images_per_second: f64,
    metrics: &'a Metrics,
}

/// Evaluates a stored model on a split of its own data set or another.
pub fn evaluate(options: &EvaluateOptions) -> anyhow::Result<()> {
    kernels::keep_freed_memory();
    let mut console = Console::new(if options.json { Verbosity::Json } else { Verbosity::Text });
    let device = open_device(
        options.compute.device.as_deref(),
        options.compute.kernels.unwrap_or_default(),
    )?;
    let classifier = Classifier::load(&options.model, &device.device)?;
    let stored = options.model.join("config.toml");
    let (file, config) =
        ConfigFile::read(options.dataset.as_deref().unwrap_or(&stored), &options.set)?;
    let images = Images::load(&config, &file, &mut console)?;
    check_fit(&classifier, &images.source, &options.model, &console)?;
    if let Some(folder) = &options.output {
        // Before the work, so that none is lost.
        prepare(folder)?;
    }
    let (set, indices) = match options.split {
        SplitName::Train => (&images.source.train, images.split.train),
        SplitName::Validation => (&images.source.train, images.split.validation),
        SplitName::Test => (&images.source.test, (0..images.source.test.len()).collect()),
    };
    let start = Instant::now();
    let evaluation = Evaluation::new(&classifier, set, indices)?;
    let images_per_second = evaluation.indices().len() as f64 / start.elapsed().as_secs_f64();
    let predictions = evaluation.predictions()?;
    let metrics = Metrics::of(&predictions);
    let split = format!("{:?}", options.split).to_lowercase();
    let answer = Answer {
        model: &options.model,
        dataset: config.dataset.source.to_string(),
        split: split.clone(),
        backend: &device.name,
        score: evaluation.score(),
        images_per_second,
        metrics: &metrics,
    };
    let table = metrics_table(&metrics);
    let text = format!("{split}: {}\n{}", describe(&answer.score), table.trim_end());
    if let Some(folder) = &options.output {
        let subject = Subject {
            title: format!(
                "{} on {} {split} images",
                folder_name(&options.model)?,
                config.dataset.source
            ),
            subtitle: format!("{} on {}", PROGRAM, device.description),
            features: &|images| Ok(classifier.features(images)?),
            set,
            mislabelled: if options.split == SplitName::Test { mislabelled(&config) } else { &[] },
            epochs: &curves(&read_history(&options.model)?),
        };
        report_files::write_predictions(folder, &evaluation)?;
        report_files::write_report(folder, &evaluation, &predictions, &metrics, &subject)?;
        let json = serde_json::to_string_pretty(&answer)? + "\n";
        report_files::write(&folder.join("report.json"), json.as_bytes())?;
    }
    console.result(&text, &answer);
    if let Some(folder) = &options.output {
        console.say(&format!("report: {}", folder.join(report_files::PAGE).display()));
    }
    Ok(())
}

/// Makes the folder for the files. A run keeps the report of its training: that says more.
pub fn prepare(folder: &Path) -> anyhow::Result<()> {
    if folder.join(CARD_FILE).exists() {
        bail!("{}: a model is there, with a report of its own: name another", folder.display());
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

/// Images of the test split whose labels are known to be wrong.
pub fn mislabelled(config: &Config) -> &'static [usize] {
    config.dataset.source.label_errors()
}

/// A score as a sentence.
pub fn describe(score: &Score) -> String {
    format!(
        "accuracy {:.2} %  loss {:.4}  {} of {} images wrong",
        100.0 * score.accuracy,
        score.loss,
        grouped(score.wrong()),
        grouped(score.images as u64)
    )
}

/// Refuses images that the model cannot take, and tells of classes that have other names.
fn check_fit(
    classifier: &Classifier,
    source: &LoadedDataset,
    model: &Path,
    console: &Console,
) -> anyhow::Result<()> {
    let (takes, has) = (classifier.input(), source.test.shape());
    if takes != has {
        bail!("{}: the model takes {takes} images, but the data set has {has}", model.display());
    }
    let (names, classes) = (classifier.class_names(), &source.class_names);
    let [ours, theirs] = [names, classes].map(|names| names.join(", "));
    if names.len() != classes.len() {
        bail!(
            "{}: the model tells apart {} classes [{ours}], but the data set has {} [{theirs}]",
            model.display(),
            names.len(),
            classes.len(),
        );
    }
    if names != classes {
        console.say(&format!(
            "the model's classes are [{ours}], those of the data set [{theirs}]: compared in this \
             order, named as the model's"
        ));
    }
    Ok(())
}
