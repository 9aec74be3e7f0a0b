//! What a client learns about a model.

use std::path::Path;
use std::{fs, io};

use model::{ModelCard, Plan};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reader::Preparation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The figures of a training, in the model's folder.
const REPORT_FILE: &str = "report.json";

/// A model.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublicCard {
    /// The name to ask for it.
    pub name: String,
    /// Names of the classes, in the order of the network's outputs.
    class_names: Vec<String>,
    /// Numbers that it has learned.
    parameters: usize,
    /// Epoch that the weights were taken after, from 1.
    epoch: usize,
    input: Input,
    /// Whether its classes are digits, so that it can read numbers.
    reads_digits: bool,
    /// Figures of the images that were held out of the training.
    validation: Validation,
    /// Figures of the test images, if it was tested.
    test: Option<Split>,
    /// Where its confusion matrix is, if it has one.
    confusion_matrix: Option<String>,
    /// What wrote the model.
    program: String,
}

/// Size of the pictures that a network takes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct Input {
    /// 1 for grey, 3 for colours.
    channels: usize,
    height: usize,
    width: usize,
}

/// Figures of validation images.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct Validation {
    /// Share of the images that were classified rightly, 0 to 1.
    accuracy: f64,
    /// Mean loss in nats, as in training.
    loss: f64,
    /// How many images, if the model's folder tells.
    images: Option<u64>,
}

/// Figures of test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
struct Split {
    /// Share of the images that were classified rightly, 0 to 1.
    accuracy: f64,
    /// Mean loss in nats.
    loss: f64,
    /// How many images.
    images: u64,
}

/// What the server needs of `report.json`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Report {
    validation: Option<Split>,
    test: Option<Split>,
}

impl PublicCard {
    /// Joins a model's own card with the report in its folder.
    pub fn new(name: &str, folder: &Path, card: &ModelCard, has_matrix: bool) -> Self {
        let report = read_report(&folder.join(REPORT_FILE));
        let plan = Plan::new(&card.layers, card.input, card.class_names.len());
        let segment = utf8_percent_encode(name, NON_ALPHANUMERIC);
        Self {
            name: name.to_owned(),
            class_names: card.class_names.clone(),
            // The model was loaded by this plan.
            parameters: plan.map_or(0, |plan| plan.parameters()),
            epoch: card.origin.epoch,
            input: Input {
                channels: card.input.channels,
                height: card.input.height,
                width: card.input.width,
            },
            reads_digits: reads_digits(card),
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

/// Whether a model's pictures are ink and its classes digits.
pub fn reads_digits(card: &ModelCard) -> bool {
    let is_digit = |name: &String| matches!(name.as_bytes(), [b'0'..=b'9']);
    Preparation::for_model(card) == Preparation::Ink && card.class_names.iter().all(is_digit)
}

/// The report, or an empty one: a model is whole without.
fn read_report(path: &Path) -> Report {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Report::default(),
        Err(error) => {
            tracing::warn!(file = %path.display(), %error, "the model's figures cannot be read");
            return Report::default();
        }
    };
    serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::warn!(file = %path.display(), %error, "the model's figures are no report");
        Report::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(folder: &str) -> ModelCard {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        serde_json::from_slice(&fs::read(path.join("model.json")).unwrap()).unwrap()
    }

    #[test]
    fn figures_come_from_the_report() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/cnn");
        let card = PublicCard::new("a b/ü", &folder, &card("artifacts/cnn"), true);
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
            let card = PublicCard::new("cnn", place.path(), &card("artifacts/cnn"), false);
            assert_eq!((card.test, card.validation.images), (None, None));
            assert!((card.validation.accuracy - 0.9952).abs() < 1e-9);
            assert_eq!(card.confusion_matrix, None);
        }
    }

    #[test]
    fn letters_are_no_digits() {
        let mut card = card("artifacts/cnn");
        card.class_names[3] = "E".to_owned();
        assert!(!reads_digits(&card));
    }
}
