//! `glyph baseline`: how far hand-made features and a linear classifier get on the same images.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use baseline::{Examples, Features, LinearClassifier, STRENGTHS, Settings, choose_strength};
use clap::Args;
use data::{Image, ImageSet, ImageShape, printable_path};
use metrics::Metrics;
use metrics::numbers::grouped;
use model::Prediction;
use runs::files::REPORT_PAGE;
use runs::{PROGRAM, Score};
use serde::Serialize;
use terminal::{
    ComputeArguments, Console, Format, Verbosity, metrics_table, score_line, text_or_json,
};
use trainer::Images;
use trainer::config::TaskKind;
use trainer::task::TestResults;
use trainer::task::classification::ClassificationResults;

use crate::data_config::read_data;
use crate::evaluated::EvaluationFolder;
use crate::options::DataOptions;
use crate::read_from::ReadFrom;

/// Options of `glyph baseline`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph baseline configs/cnn.toml --features hog
  glyph baseline pictures/ --features pixels -o baseline")]
pub struct Options {
    #[command(flatten)]
    data: DataOptions,
    /// Features of an image: pixels, edges (Sobel), lbp (local binary patterns), hog (histograms of
    /// oriented gradients)
    #[arg(long, value_name = "NAME", value_parser = features)]
    features: Features,
    /// Folder to write report.html, report.json, predictions.csv and plots/ to
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json)]
    format: Format,
}

/// Features by their name.
fn features(name: &str) -> Result<Features, String> {
    let found = Features::ALL.into_iter().find(|features| features.name() == name);
    let names = Features::ALL.map(Features::name).join(", ");
    found.ok_or_else(|| format!("expected one of {names}"))
}

/// The results: as JSON, and `report.json` in the output folder.
#[derive(Serialize)]
struct Results<'a> {
    features: &'static str,
    dataset: String,
    /// Numbers per image.
    length: usize,
    parameters: usize,
    /// The L2 strength chosen on the validation images.
    strength: f32,
    validation_accuracy: f64,
    #[serde(flatten)]
    score: Score,
    /// From pixels to the chosen classifier.
    seconds: f64,
    metrics: &'a Metrics,
}

/// Trains on the training images, chooses on the validation images, reports on the test split.
pub fn run(
    options: &Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    compute.open()?.install(|| train(options, verbosity))?;
    Ok(ExitCode::SUCCESS)
}

fn train(options: &Options, verbosity: Verbosity) -> anyhow::Result<()> {
    let mut console = Console::new(options.format, verbosity);
    let (file, config) = read_data(&options.data, &console)?;
    if config.task.kind == TaskKind::MultiLabel {
        let problem = "`glyph baseline` classifies: it takes images of one class each";
        return Err(file.locate_key("task.kind", problem.to_owned()).into());
    }
    let images = Images::load(&config, &file, &mut |download| {
        console.download(&download.file, download.received, download.total);
    })?;
    images.source.notes.iter().for_each(|note| console.message(note));
    let data = [Some(options.data.data.as_path()), config.dataset.path.as_deref()];
    let read = ReadFrom::paths(data.into_iter().flatten());
    let open = |folder| EvaluationFolder::open(folder, None, &read);
    let folder = options.output.as_deref().map(open);
    let folder = folder.transpose()?;
    let features = options.features;
    let (train, test) = (&images.source.train, &images.source.test);
    let shape = train.shape();
    let length = features.length(shape.height, shape.width);
    console.message(&format!(
        "{} features ({}) of {} training images of {}",
        grouped(length as u64),
        features.name(),
        grouped(images.split.train.len() as u64),
        config.dataset.source,
    ));
    let start = Instant::now();
    let (training, held_out) = (
        Labelled::of(features, train, &images.split.train)?,
        Labelled::of(features, train, &images.split.validation)?,
    );
    let classes = images.source.class_names.len();
    let iterations = Settings::default().iterations;
    let choice =
        choose_strength(training.examples(), held_out.examples(), classes, &STRENGTHS, iterations)
            .with_context(|| printable_path(&options.data.data))?;
    let seconds = start.elapsed().as_secs_f64();
    drop((training, held_out));
    let indices: Vec<usize> = (0..test.len()).collect();
    let tested = Labelled::of(features, test, &indices)?;
    let answers = predictions(&choice.classifier, &tested, classes)?;
    let classified = start.elapsed().as_secs_f64() - seconds;
    let tested = ClassificationResults::of_predictions(
        images.source.class_names.clone(),
        (test, indices),
        (answers, classified),
        config.dataset.source.label_errors(),
        Box::new(move |indices: &[usize], take: &mut dyn FnMut(&[f32])| {
            indices.iter().try_for_each(|&index| {
                take(&extract(features, test, index)?);
                Ok(())
            })
        }),
    )?;
    let results = Results {
        features: features.name(),
        dataset: config.dataset.source.to_string(),
        length,
        parameters: choice.classifier.parameters(),
        strength: choice.chosen.strength,
        validation_accuracy: choice.chosen.validation.accuracy,
        score: tested.score(),
        seconds,
        metrics: tested.figures(),
    };
    if let Some(folder) = &folder {
        let title =
            format!("Linear classifier on {} of {}", features.name(), config.dataset.source);
        folder.write(&tested, [&title, PROGRAM], &[], &results)?;
    }
    console.result(&text(&results), &results);
    if let Some(folder) = &options.output {
        console.message(&format!("report: {}", printable_path(&folder.join(REPORT_PAGE))));
    }
    Ok(())
}

/// Images that are in memory at once.
const BATCH: usize = 1000;

/// Features of some images, and their classes.
struct Labelled {
    features: Vec<f32>, // [images, length]
    labels: Vec<usize>,
}

impl Labelled {
    fn of(features: Features, set: &ImageSet, indices: &[usize]) -> anyhow::Result<Self> {
        let ImageShape { channels, height, width } = set.shape();
        let mut extracted = Vec::new();
        for batch in indices.chunks(BATCH) {
            let images = set.images(batch)?;
            let pixels: Vec<&[u8]> = images.iter().map(Image::pixels).collect();
            extracted.extend(features.extract_all(&pixels, channels, height, width));
        }
        let labels = indices.iter().map(|&index| set.labels()[index].into()).collect();
        Ok(Self { features: extracted, labels })
    }

    fn examples(&self) -> Examples<'_> {
        Examples { features: &self.features, labels: &self.labels }
    }
}

/// The features of an image.
fn extract(features: Features, set: &ImageSet, index: usize) -> anyhow::Result<Vec<f32>> {
    let ImageShape { channels, height, width } = set.shape();
    Ok(features.extract(&set.pixels(index)?, channels, height, width))
}

fn predictions(
    classifier: &LinearClassifier,
    tested: &Labelled,
    classes: usize,
) -> anyhow::Result<Vec<Prediction>> {
    let answers = classifier.log_probabilities(&tested.features)?;
    Ok(answers.chunks(classes).map(|row| Prediction::of(row.to_vec())).collect())
}

fn text(results: &Results) -> String {
    format!(
        "chosen: L2 strength {} with {:.2} % of the validation images right, of {:?}, in {:.1} s\n\
         {} parameters\n\
         test: {}\n{}",
        results.strength,
        100.0 * results.validation_accuracy,
        STRENGTHS,
        results.seconds,
        grouped(results.parameters as u64),
        score_line(&results.score),
        metrics_table(results.metrics).trim_end(),
    )
}
