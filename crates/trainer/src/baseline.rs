//! `trainer baseline`: how far hand-made features and a linear classifier get on the same images.

use std::time::Instant;

use anyhow::Context;
use baseline::{Examples, Features, LinearClassifier, STRENGTHS, Settings, choose_strength};
use data::{Image, ImageSet, ImageShape};
use model::Prediction;
use report::Metrics;
use serde::Serialize;

use crate::command_line::BaselineOptions;
use crate::config_file::ConfigFile;
use crate::console::{Console, Verbosity};
use crate::evaluate::{describe, mislabelled, prepare};
use crate::evaluation::Evaluation;
use crate::images::Images;
use crate::layer_table::grouped;
use crate::metrics_table::metrics_table;
use crate::report_files::{self, Subject};
use crate::run_report::{PROGRAM, Score};

/// What `baseline --json` prints, and `report.json` in the output folder.
#[derive(Serialize)]
struct Answer<'a> {
    features: &'static str,
    dataset: String,
    /// Numbers that an image becomes.
    length: usize,
    parameters: usize,
    /// The L2 strength chosen on the validation images.
    strength: f32,
    validation_accuracy: f64,
    #[serde(flatten)]
    score: Score,
    /// From pixels to the classifier chosen.
    seconds: f64,
    metrics: &'a Metrics,
}

/// Trains on the config's training images, chooses on its validation images, reports on the test
/// split.
pub fn baseline(options: &BaselineOptions) -> anyhow::Result<()> {
    let mut console = Console::new(if options.json { Verbosity::Json } else { Verbosity::Text });
    let (file, config) = ConfigFile::read(&options.config, &options.set)?;
    let images = Images::load(&config, &file, &mut console)?;
    if let Some(folder) = &options.output {
        // Before the work, so that none is lost.
        prepare(folder)?;
    }
    let features = options.features;
    let (train, test) = (&images.source.train, &images.source.test);
    let shape = train.shape();
    let length = features.length(shape.height, shape.width);
    console.say(&format!(
        "{} features ({}) of {} training images of {}",
        grouped(length as u64),
        features.name(),
        grouped(images.split.train.len() as u64),
        config.dataset.source,
    ));
    let start = Instant::now();
    let (training, held_out) = (
        Labelled::of(features, train, &images.split.train),
        Labelled::of(features, train, &images.split.validation),
    );
    let classes = images.source.class_names.len();
    let iterations = Settings::default().iterations;
    let choice =
        choose_strength(training.examples(), held_out.examples(), classes, &STRENGTHS, iterations)
            .with_context(|| options.config.display().to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    drop((training, held_out));
    let indices: Vec<usize> = (0..test.len()).collect();
    let tested = Labelled::of(features, test, &indices);
    let answers = predictions(&choice.classifier, &tested, classes)?;
    let evaluation = Evaluation::of(images.source.class_names.clone(), test, indices, answers);
    let predictions = evaluation.predictions()?;
    let metrics = Metrics::of(&predictions);
    let answer = Answer {
        features: features.name(),
        dataset: config.dataset.source.to_string(),
        length,
        parameters: choice.classifier.parameters(),
        strength: choice.chosen.strength,
        validation_accuracy: choice.chosen.validation.accuracy,
        score: evaluation.score(),
        seconds,
        metrics: &metrics,
    };
    if let Some(folder) = &options.output {
        let subject = Subject {
            title: format!("Linear classifier on {} of {}", features.name(), config.dataset.source),
            subtitle: PROGRAM.to_owned(),
            features: &|images| Ok(rows(features, images, shape)),
            set: test,
            mislabelled: mislabelled(&config),
            epochs: &[],
        };
        report_files::write_predictions(folder, &evaluation)?;
        report_files::write_report(folder, &evaluation, &predictions, &metrics, &subject)?;
        let json = serde_json::to_string_pretty(&answer)? + "\n";
        report_files::write(&folder.join("report.json"), json.as_bytes())?;
    }
    console.result(&text(&answer), &answer);
    if let Some(folder) = &options.output {
        console.say(&format!("report: {}", folder.join(report_files::PAGE).display()));
    }
    Ok(())
}

/// Features of some images, and their classes.
struct Labelled {
    features: Vec<f32>, // [images, length]
    labels: Vec<usize>,
}

impl Labelled {
    fn of(features: Features, set: &ImageSet, indices: &[usize]) -> Self {
        let ImageShape { channels, height, width } = set.shape();
        let pixels: Vec<&[u8]> = indices.iter().map(|&index| set.pixels(index)).collect();
        let labels = indices.iter().map(|&index| set.labels()[index].into()).collect();
        Self { features: features.extract_all(&pixels, channels, height, width), labels }
    }

    fn examples(&self) -> Examples<'_> {
        Examples { features: &self.features, labels: &self.labels }
    }
}

/// The features of images, a row each.
fn rows(features: Features, images: &[Image], shape: ImageShape) -> Vec<Vec<f32>> {
    let ImageShape { channels, height, width } = shape;
    let extract = |image: &Image| features.extract(image.pixels(), channels, height, width);
    images.iter().map(extract).collect()
}

fn predictions(
    classifier: &LinearClassifier,
    tested: &Labelled,
    classes: usize,
) -> anyhow::Result<Vec<Prediction>> {
    let answers = classifier.log_probabilities(&tested.features)?;
    Ok(answers.chunks(classes).map(|row| Prediction::of(row.to_vec())).collect())
}

fn text(answer: &Answer) -> String {
    format!(
        "chosen: L2 strength {} with {:.2} % of the validation images right, of {:?}, in {:.1} s\n\
         {} parameters\n\
         test: {}\n{}",
        answer.strength,
        100.0 * answer.validation_accuracy,
        STRENGTHS,
        answer.seconds,
        grouped(answer.parameters as u64),
        describe(&answer.score),
        metrics_table(answer.metrics).trim_end(),
    )
}
