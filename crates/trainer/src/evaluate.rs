//! `trainer evaluate`, and the evaluation at the end of every training.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use data::{ImageSet, Source, write_whole};
use model::{Classifier, Prediction};
use serde::Serialize;

use crate::command_line::{EvaluateOptions, SplitName};
use crate::config_file::ConfigFile;
use crate::console::{Console, Verbosity};
use crate::device;
use crate::images::Images;
use crate::layer_table::grouped;
use crate::report::Score;

/// Images that are unpacked at once.
const PORTION: usize = 1000;

/// A model's answers to the images of a split.
pub struct Evaluation {
    labels: Vec<u8>,
    predictions: Vec<Prediction>,
}

/// What `evaluate --json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    model: &'a Path,
    split: String,
    backend: &'a str,
    #[serde(flatten)]
    score: Score,
    /// From pixels to probabilities.
    images_per_second: f64,
}

/// Evaluates a stored model on a split of its own data set.
pub fn evaluate(options: &EvaluateOptions) -> anyhow::Result<()> {
    let mut console = Console::new(if options.json { Verbosity::Json } else { Verbosity::Text });
    let device = device::open(options.compute.device.as_deref(), options.compute.kernels)?;
    let classifier = Classifier::load(&options.model, &device.device)?;
    let (file, config) = ConfigFile::read(&options.model.join("config.toml"), &options.set)?;
    let images = Images::load(&config, &file, &mut console)?;
    check_fit(&classifier, &images.source, &options.model)?;
    let (set, indices) = match options.split {
        SplitName::Train => (&images.source.train, images.split.train),
        SplitName::Validation => (&images.source.train, images.split.validation),
        SplitName::Test => (&images.source.test, (0..images.source.test.len()).collect()),
    };
    let start = Instant::now();
    let evaluation = Evaluation::new(&classifier, set, &indices)?;
    let images_per_second = indices.len() as f64 / start.elapsed().as_secs_f64();
    if let Some(path) = &options.predictions {
        write_whole(path, evaluation.csv(classifier.class_names()).as_bytes())
            .with_context(|| path.display().to_string())?;
    }
    let split = format!("{:?}", options.split).to_lowercase();
    let score = evaluation.score();
    let text = format!("{split}: {}", describe(&score));
    let (model, backend) = (&options.model, &device.name);
    console.result(&text, &Answer { model, split, backend, score, images_per_second });
    Ok(())
}

/// A score as a sentence.
pub fn describe(score: &Score) -> String {
    let wrong = (score.images as f64 * (1.0 - score.accuracy)).round() as u64;
    format!(
        "accuracy {:.2} %  loss {:.4}  {} of {} images wrong",
        100.0 * score.accuracy,
        score.loss,
        grouped(wrong),
        grouped(score.images as u64)
    )
}

fn check_fit(classifier: &Classifier, source: &Source, model: &Path) -> anyhow::Result<()> {
    let (takes, has) = (classifier.input(), source.test.shape());
    if takes != has {
        bail!("{}: the model takes {takes} images, but the data set has {has}", model.display());
    }
    let (names, classes) = (classifier.class_names(), &source.class_names);
    if names != classes {
        bail!(
            "{}: the model tells apart [{}], but the data set has [{}]",
            model.display(),
            names.join(", "),
            classes.join(", ")
        );
    }
    Ok(())
}

impl Evaluation {
    /// Classifies the images of `set` at `indices`.
    pub fn new(classifier: &Classifier, set: &ImageSet, indices: &[usize]) -> anyhow::Result<Self> {
        let mut predictions = Vec::with_capacity(indices.len());
        for portion in indices.chunks(PORTION) {
            let images: Vec<_> = portion.iter().map(|&index| set.image(index)).collect();
            predictions.extend(classifier.classify(&images)?);
        }
        let labels = indices.iter().map(|&index| set.labels()[index]).collect();
        Ok(Self { labels, predictions })
    }

    /// Accuracy and mean cross-entropy.
    pub fn score(&self) -> Score {
        let images = self.labels.len();
        let (mut correct, mut loss) = (0_usize, 0.0);
        for (&label, prediction) in self.labels.iter().zip(&self.predictions) {
            correct += usize::from(prediction.class == usize::from(label));
            loss -= prediction.log_probabilities[usize::from(label)];
        }
        let count = images.max(1) as f64;
        Score { accuracy: correct as f64 / count, loss: loss / count, images }
    }

    /// The contents of `predictions.csv`: a row per image, classes by name, probabilities p.
    pub fn csv(&self, class_names: &[String]) -> String {
        let mut text = "index,label,prediction,confidence".to_owned();
        // Writing to a string cannot fail.
        for class in 0..class_names.len() {
            let _ = write!(text, ",p_{class}");
        }
        text.push('\n');
        for (index, (&label, prediction)) in self.labels.iter().zip(&self.predictions).enumerate() {
            let label = field(&class_names[usize::from(label)]);
            let answer = field(&class_names[prediction.class]);
            let _ = write!(text, "{index},{label},{answer},{:.6}", prediction.confidence());
            for probability in prediction.probabilities() {
                let _ = write!(text, ",{probability:.6}");
            }
            text.push('\n');
        }
        text
    }
}

/// A CSV field, quoted where it must be (RFC 4180).
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(class: usize, probabilities: &[f64]) -> Prediction {
        let log_probabilities = probabilities.iter().map(|p| p.ln()).collect();
        Prediction { class, log_probabilities }
    }

    fn evaluation() -> Evaluation {
        Evaluation {
            labels: vec![0, 1],
            predictions: vec![prediction(0, &[0.75, 0.25]), prediction(0, &[0.5, 0.5])],
        }
    }

    #[test]
    fn a_score_counts_right_answers_and_averages_cross_entropy() {
        let score = evaluation().score();
        let loss = -(0.75_f64.ln() + 0.5_f64.ln()) / 2.0;
        assert_eq!((score.accuracy, score.images), (0.5, 2));
        assert!((score.loss - loss).abs() < 1e-12);
    }

    #[test]
    fn predictions_name_classes_and_quote_what_needs_it() {
        let names = ["a,b".to_owned(), "c".to_owned()];
        let csv = evaluation().csv(&names);
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines[0], "index,label,prediction,confidence,p_0,p_1");
        assert_eq!(lines[2], "1,c,\"a,b\",0.500000,0.500000,0.500000");
    }
}
