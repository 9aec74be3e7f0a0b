//! What clients can ask about a model: its size, classes and figures.

use std::io;

use data::PreparationKind;
use model::{ModelCard, ModelFiles, Plan};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::inference::published_file::read_published;

/// The figures of the model's training run, among its files.
const REPORT_FILE: &str = "report.json";

/// Maximum size of the report, in bytes; that of a model with ten classes has 6 kB.
const MAX_REPORT_BYTES: u64 = 16 << 20;

/// A served model.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublicCard {
    /// The name that requests use.
    pub name: String,
    /// SHA-256 of the weights, in hexadecimal.
    pub version: String,
    /// Names of the classes, in the order of the network's outputs.
    class_names: Vec<String>,
    /// Number of learned parameters.
    parameters: usize,
    /// Epoch after which the weights were saved, from 1.
    epoch: usize,
    input: Input,
    /// How it prepares pictures: `ink` (the ink alone, as in MNIST) or `picture` (scaled).
    preparation: String,
    /// Whether it can read lines of digits.
    reads_digits: bool,
    /// Whether it predicts any number of classes for a picture.
    multi_label: bool,
    /// Figures on the validation images.
    validation: Validation,
    /// Figures on the test images, if the model was evaluated on them.
    test: Option<Split>,
    /// Path of its confusion matrix, if there is one.
    confusion_matrix: Option<String>,
    /// The program that wrote the model.
    program: String,
}

/// Shape of the network's input.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct Input {
    /// 1 for grey, 3 for colour.
    channels: usize,
    height: usize,
    width: usize,
}

/// Figures on validation images.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct Validation {
    /// Share of correct predictions, 0 to 1; of a multi-label model, of pictures whose classes are all
    /// correct.
    accuracy: f64,
    /// Mean loss in nats, as in training.
    loss: f64,
    /// Number of images, if the model's folder has a report.
    images: Option<u64>,
}

/// Figures on test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
struct Split {
    /// Share of correct predictions, 0 to 1; of a multi-label model, of pictures whose classes are all
    /// correct.
    accuracy: f64,
    /// Mean loss in nats.
    loss: f64,
    /// Number of images.
    images: u64,
}

/// The fields of `report.json` that the server uses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredReport {
    validation: Option<Split>,
    test: Option<Split>,
}

impl PublicCard {
    /// Combines a model's stored card with its report.
    pub fn new(name: &str, files: &ModelFiles, card: &ModelCard, has_matrix: bool) -> Self {
        let report = read_report(files);
        let plan = Plan::new(&card.layers, card.input, card.class_names.len());
        let segment = utf8_percent_encode(name, NON_ALPHANUMERIC);
        Self {
            name: name.to_owned(),
            version: card.weights_sha256.clone(),
            class_names: card.class_names.clone(),
            // Cannot fail: the model was built from this plan.
            parameters: plan.map_or(0, |plan| plan.parameters()),
            epoch: card.origin.epoch,
            input: Input {
                channels: card.input.channels,
                height: card.input.height,
                width: card.input.width,
            },
            preparation: card.preparation.kind.to_string(),
            reads_digits: reads_digits(card),
            multi_label: card.multi_label.is_some(),
            validation: Validation {
                accuracy: card.origin.validation_accuracy,
                loss: card.origin.validation_loss,
                images: report.validation.map(|split| split.images),
            },
            test: report.test,
            confusion_matrix: has_matrix
                .then(|| format!("/api/models/{segment}/confusion_matrix.png")),
            program: card.program.clone(),
        }
    }
}

/// Whether a model takes single characters and all its classes are digits.
pub fn reads_digits(card: &ModelCard) -> bool {
    let is_digit = |name: &String| matches!(name.as_bytes(), [b'0'..=b'9']);
    let reads_characters =
        card.preparation.kind == PreparationKind::Ink && card.multi_label.is_none();
    reads_characters && card.class_names.iter().all(is_digit)
}

/// Reads the report; without one, all its fields are `None`.
fn read_report(files: &ModelFiles) -> StoredReport {
    let file = files.describe(REPORT_FILE);
    let text = match read_published(files, REPORT_FILE, MAX_REPORT_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return StoredReport::default(),
        Err(error) => {
            tracing::warn!(file, %error, "cannot read the model's report");
            return StoredReport::default();
        }
    };
    serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::warn!(file, %error, "the model's report is not valid");
        StoredReport::default()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn card(folder: &str) -> ModelCard {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        ModelCard::parse(&fs::read(path.join("model.json")).unwrap()).unwrap()
    }

    #[test]
    fn figures_come_from_the_report() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/cnn");
        let card =
            PublicCard::new("a b/ü", &ModelFiles::in_folder(folder), &card("artifacts/cnn"), true);
        assert_eq!((card.parameters, card.reads_digits), (241_930, true));
        assert_eq!(card.validation.images, Some(5000));
        assert_eq!(card.test.unwrap().images, 10_000);
        let address = card.confusion_matrix.unwrap();
        assert_eq!(address, "/api/models/a%20b%2F%C3%BC/confusion_matrix.png");
    }

    #[test]
    fn a_model_without_a_report_has_no_test_figures() {
        let place = tempfile::tempdir().unwrap();
        for report in [None, Some("{"), Some(r#"{"test": null}"#)] {
            if let Some(text) = report {
                fs::write(place.path().join(REPORT_FILE), text).unwrap();
            }
            let card = PublicCard::new(
                "cnn",
                &ModelFiles::in_folder(place.path()),
                &card("artifacts/cnn"),
                false,
            );
            assert_eq!((card.test, card.validation.images), (None, None));
            assert!((card.validation.accuracy - 0.9952).abs() < 1e-9);
            assert_eq!(card.confusion_matrix, None);
        }
    }

    #[test]
    fn letters_are_not_digits() {
        let mut card = card("artifacts/cnn");
        card.class_names[3] = "E".to_owned();
        assert!(!reads_digits(&card));
    }
}
