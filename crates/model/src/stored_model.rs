//! Storing and loading models.
//!
//! A model is [`CARD_FILE`] (the [`ModelCard`]) and [`WEIGHTS_FILE`] (Burn's record of the best
//! epoch's weights). The card names the weights' SHA-256: damaged or foreign weights are refused
//! before any of them is used.

use std::io;
use std::path::Path;

use burn::store::RecordError;
use burn::tensor::Device;
use data::{DataError, ImageShape, Normalizer, sha256, write_whole};

use crate::card::{CardError, ModelCard};
use crate::layers::LayerError;
use crate::memory::{machine_memory, size_text};
use crate::model_files::{CARD_FILE, ModelFiles, WEIGHTS_FILE};
use crate::network::Network;
use crate::plan::Plan;
use crate::weights::{read_weights, weights_bytes};

/// Why a model cannot be stored or loaded.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The card cannot be used.
    #[error("{file}: {source}")]
    Card {
        /// The card's file.
        file: String,
        /// What is wrong with it.
        source: CardError,
    },
    /// The thresholds of a multi-label model cannot be used.
    #[error("{file}: multi_label: {problem}")]
    MultiLabel {
        /// The card's file.
        file: String,
        /// What is wrong with them.
        problem: String,
    },
    /// The calibration cannot be used.
    #[error("{file}: calibration: {problem}")]
    Calibration {
        /// The card's file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Pictures cannot be prepared for the network.
    #[error("{file}: its preparation does not make images of {input} (channels×height×width)")]
    Preparation {
        /// The card's file.
        file: String,
        /// Shape of the network's input.
        input: ImageShape,
    },
    /// The network in the card does not fit together.
    #[error("{file}: {source}")]
    Layers {
        /// The card's file.
        file: String,
        /// The layer at fault.
        source: LayerError,
    },
    /// The machine does not have the memory that the network needs.
    #[error(
        "{file}: classifying one image needs {}, but this process can have {}: use a machine with \
         more memory, or a smaller model",
        size_text(*needed),
        size_text(*available)
    )]
    Memory {
        /// The card's file.
        file: String,
        /// Bytes for one image.
        needed: u64,
        /// Bytes that this process can have.
        available: u64,
    },
    /// The normalization does not fit the input.
    #[error("{file}: {source}")]
    Normalization {
        /// The card's file.
        file: String,
        /// What does not fit.
        source: DataError,
    },
    /// The weights are not those the card was written for.
    #[error(
        "{file}: SHA-256 is {found}, but {CARD_FILE} says {expected}: the file is damaged or \
         belongs to another model"
    )]
    Checksum {
        /// The weights' file.
        file: String,
        /// What the card says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The weights are not a record of this network.
    #[error("{file}: {source}")]
    Weights {
        /// The weights' file.
        file: String,
        /// What Burn says.
        source: RecordError,
    },
}

/// Stores `network` as a model in `folder`, which must exist; the same weights give the same bytes.
///
/// # Errors
/// When a file cannot be written; a model already there is then still whole or is refused on load.
pub fn save_model(
    folder: &Path,
    network: Network,
    mut card: ModelCard,
) -> Result<ModelCard, ArtifactError> {
    let files = ModelFiles::in_folder(folder);
    let write = |name: &str, content: &[u8]| {
        write_whole(&folder.join(name), content)
            .map_err(|source| ArtifactError::File { file: files.describe(name), source })
    };
    let weights = weights_bytes(network)
        .map_err(|source| ArtifactError::Weights { file: files.describe(WEIGHTS_FILE), source })?;
    card.weights_sha256 = sha256(&weights);
    write(WEIGHTS_FILE, &weights)?;
    save_card(folder, &card)?;
    Ok(card)
}

/// Stores `card` in `folder`, which holds the weights that it names.
///
/// # Errors
/// When the file cannot be written.
pub fn save_card(folder: &Path, card: &ModelCard) -> Result<(), ArtifactError> {
    let file = ModelFiles::in_folder(folder).describe(CARD_FILE);
    let text = serde_json::to_vec_pretty(card)
        .map_err(|source| ArtifactError::Card { file: file.clone(), source: source.into() })?;
    write_whole(&folder.join(CARD_FILE), &text)
        .map_err(|source| ArtifactError::File { file, source })
}

/// A stored model, checked.
#[derive(Debug)]
pub(crate) struct StoredModel {
    pub(crate) card: ModelCard,
    pub(crate) plan: Plan,
    pub(crate) network: Network,
    pub(crate) normalizer: Normalizer,
}

/// Loads the model in `files` onto `device`.
pub(crate) fn load_model(
    files: &ModelFiles,
    device: &Device,
) -> Result<StoredModel, ArtifactError> {
    let file = files.describe(CARD_FILE);
    let card = read_card(files)?;
    let plan = Plan::new(&card.layers, card.input, card.class_names.len())
        .map_err(|source| ArtifactError::Layers { file: file.clone(), source })?;
    check_memory(&file, plan.inference_memory(), machine_memory())?;
    let normalizer = Normalizer::new(&card.normalization, card.input)
        .map_err(|source| ArtifactError::Normalization { file, source })?;

    let file = files.describe(WEIGHTS_FILE);
    let weights = files
        .read(WEIGHTS_FILE)
        .map_err(|source| ArtifactError::File { file: file.clone(), source })?;
    let found = sha256(&weights);
    if found != card.weights_sha256 {
        return Err(ArtifactError::Checksum { file, expected: card.weights_sha256, found });
    }
    let network = read_weights(weights.into_owned(), &plan, device)
        .map_err(|source| ArtifactError::Weights { file, source })?;
    Ok(StoredModel { card, plan, network, normalizer })
}

/// Refuses a network that needs more than there is, before anything is allocated for it.
fn check_memory(file: &str, needed: u64, available: Option<u64>) -> Result<(), ArtifactError> {
    match available {
        Some(available) if needed > available => {
            Err(ArtifactError::Memory { file: file.to_owned(), needed, available })
        }
        _ => Ok(()),
    }
}

fn read_card(files: &ModelFiles) -> Result<ModelCard, ArtifactError> {
    let file = files.describe(CARD_FILE);
    let text = files
        .read(CARD_FILE)
        .map_err(|source| ArtifactError::File { file: file.clone(), source })?;
    let card = ModelCard::parse(&text)
        .map_err(|source| ArtifactError::Card { file: file.clone(), source })?;
    if let Some(problem) =
        card.multi_label.as_ref().and_then(|found| found.problem(card.class_names.len()))
    {
        return Err(ArtifactError::MultiLabel { file, problem });
    }
    if let Some(problem) = calibration_problem(&card) {
        return Err(ArtifactError::Calibration { file, problem });
    }
    if !card.preparation.makes(card.input) {
        return Err(ArtifactError::Preparation { file, input: card.input });
    }
    Ok(card)
}

fn calibration_problem(card: &ModelCard) -> Option<String> {
    if card.multi_label.is_some() {
        let problem = "a multi-label model has thresholds instead";
        return card.calibration.map(|_| problem.to_owned());
    }
    card.calibration.and_then(|calibration| calibration.problem())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use burn::module::Module;
    use burn::tensor::activation::log_softmax;
    use burn::tensor::{DType, Tensor};
    use data::{Image, Normalization, Preparation};

    use super::*;
    use crate::card::{BURN_VERSION, FORMAT_VERSION, Origin};
    use crate::classifier::Classifier;
    use crate::prediction::Prediction;

    const INPUT: ImageShape = ImageShape { channels: 1, height: 6, width: 6 };

    fn card() -> ModelCard {
        ModelCard {
            format_version: FORMAT_VERSION,
            program: "glyph test".to_owned(),
            burn: BURN_VERSION.to_owned(),
            input: INPUT,
            preparation: Preparation::PICTURE,
            normalization: Normalization { mean: vec![0.5], standard_deviation: vec![0.25] },
            multi_label: None,
            calibration: None,
            class_names: vec!["yes".to_owned(), "no".to_owned()],
            layers: serde_json::from_str(
                r#"[{"type": "conv", "channels": 3, "kernel": 3}, {"type": "batch_norm"},
                    {"type": "relu"}, {"type": "flatten"}, {"type": "linear", "features": 2}]"#,
            )
            .unwrap(),
            origin: Origin { seed: 1, epoch: 2, validation_loss: 0.1, validation_accuracy: 0.9 },
            weights_sha256: String::new(),
        }
    }

    fn saved() -> (tempfile::TempDir, Network) {
        let folder = tempfile::tempdir().unwrap();
        let network = Plan::new(&card().layers, INPUT, 2).unwrap().init(&Device::flex());
        save_model(folder.path(), network.clone(), card()).unwrap();
        (folder, network)
    }

    fn change_card(folder: &Path, from: &str, to: &str) {
        let path = folder.join(CARD_FILE);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    fn refusal(folder: &Path) -> String {
        load_model(&ModelFiles::in_folder(folder), &Device::flex()).unwrap_err().to_string()
    }

    #[test]
    fn a_saved_model_loads_and_answers_alike() {
        let (folder, network) = saved();
        let pixels: Vec<u8> = (0..36).map(|i| i * 7).collect();
        let normalized = pixels.iter().map(|&pixel| (f32::from(pixel) / 255.0 - 0.5) / 0.25);
        let images = Tensor::<1>::from_floats(&*normalized.collect::<Vec<_>>(), &Device::flex());
        let logits = network.forward(images.reshape([1, 1, 6, 6]));
        let expected = log_softmax(logits, 1).try_into_vec_as::<f32>().unwrap();

        let classifier = Classifier::open(folder.path(), &Device::flex()).unwrap();
        let mut original = card();
        original.weights_sha256 = classifier.card().weights_sha256.clone();
        assert_eq!(classifier.card(), &original);
        let image = Image::new(INPUT, pixels).unwrap();
        let answers = classifier.classify(&[image]).unwrap();
        for (answer, expected) in answers[0].log_probabilities.iter().zip(expected) {
            assert!((answer - f64::from(expected)).abs() < 1e-5, "{answer} against {expected}");
        }
    }

    #[test]
    fn the_same_weights_give_the_same_bytes() {
        let (folder, network) = saved();
        let other = tempfile::tempdir().unwrap();
        // Another network object has other parameter identifiers.
        let record = network.into_record();
        let twin = Plan::new(&card().layers, INPUT, 2).unwrap().init(&Device::flex());
        save_model(other.path(), twin.try_load_record(record).unwrap(), card()).unwrap();
        let bytes = |folder: &Path| fs::read(folder.join(WEIGHTS_FILE)).unwrap();
        assert_eq!(bytes(folder.path()), bytes(other.path()));
    }

    #[test]
    fn a_flipped_bit_in_the_weights_is_refused() {
        let (folder, _) = saved();
        let path = folder.path().join(WEIGHTS_FILE);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(refusal(folder.path()).contains("SHA-256"));
    }

    /// Puts other weights in their place, and has the card name their SHA-256.
    fn replace_weights(folder: &Path, weights: &[u8]) {
        let path = folder.join(WEIGHTS_FILE);
        change_card(folder, &sha256(&fs::read(&path).unwrap()), &sha256(weights));
        fs::write(path, weights).unwrap();
    }

    #[test]
    fn weights_that_are_whole_numbers_are_refused_by_name() {
        let (folder, network) = saved();
        let record = network.into_record().into_bytes().unwrap();
        let tensors = burn_pack::Reader::from_bytes(record).unwrap().into_tensors().unwrap();
        let whole = tensors.into_iter().map(|tensor| {
            let (name, _, shape, identifier, bytes) = tensor.into_parts().unwrap();
            burn_pack::Tensor::new(name, DType::I32, shape, identifier, bytes)
        });
        let pack = burn_pack::Writer::new(whole.collect()).into_bytes().unwrap();
        replace_weights(folder.path(), &pack);
        let message = refusal(folder.path());
        assert!(message.contains("layers.0.Conv.bias holds I32"), "{message}");
    }

    #[test]
    fn weights_that_are_not_finite_are_refused_by_name() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let (folder, network) = saved();
            let record = network.into_record().into_bytes().unwrap();
            let tensors = burn_pack::Reader::from_bytes(record).unwrap().into_tensors().unwrap();
            let changed = tensors.into_iter().map(|tensor| {
                let (name, dtype, shape, identifier, bytes) = tensor.into_parts().unwrap();
                let mut bytes = bytes.to_vec();
                if name == "layers.4.Linear.weight" {
                    bytes[8..12].copy_from_slice(&value.to_le_bytes());
                }
                let bytes = burn::tensor::Bytes::from_bytes_vec(bytes);
                burn_pack::Tensor::new(name, dtype, shape, identifier, bytes)
            });
            let pack = burn_pack::Writer::new(changed.collect()).into_bytes().unwrap();
            replace_weights(folder.path(), &pack);
            let message = refusal(folder.path());
            let expected = format!("layers.4.Linear.weight has {value} at index 2");
            assert!(message.contains(WEIGHTS_FILE) && message.contains(&expected), "{message}");
        }
    }

    #[test]
    fn a_card_that_announces_more_than_the_weights_hold_is_refused_at_once() {
        let (folder, _) = saved();
        // A network of 0.5 GB.
        change_card(folder.path(), "\"channels\": 3", "\"channels\": 3000000");
        let message = refusal(folder.path());
        assert!(message.contains("132000002 parameters"), "{message}");
    }

    #[test]
    fn a_card_with_an_absurd_input_or_padding_is_refused_at_once() {
        for (from, to, problem) in [
            ("\"height\": 6", "\"height\": 4294967296", "an input of 1×4294967296×6"),
            ("\"kernel\": 3", "\"kernel\": 3, \"padding\": 16000", "layer 1 (conv): 1×6×6"),
        ] {
            let (folder, _) = saved();
            let text = fs::read_to_string(folder.path().join(CARD_FILE)).unwrap();
            // What the card says by default must not stay beside it.
            let text = text.replace("\"padding\": 0,", "").replace(from, to);
            fs::write(folder.path().join(CARD_FILE), text).unwrap();
            let message = refusal(folder.path());
            assert!(message.contains(CARD_FILE) && message.contains(problem), "{message}");
        }
    }

    #[test]
    fn a_network_that_needs_more_memory_than_there_is_is_refused_with_both() {
        assert!(check_memory("m", 500_000_000, None).is_ok());
        assert!(check_memory("m", 500_000_000, Some(500_000_000)).is_ok());
        let message = check_memory("m", 500_000_000, Some(499_000_000)).unwrap_err().to_string();
        assert!(message.starts_with("m: ") && message.contains("500 MB, but"), "{message}");
        assert!(message.contains("can have 499 MB"), "{message}");
    }

    #[test]
    fn a_newer_format_is_refused_with_both_versions() {
        let (folder, _) = saved();
        change_card(folder.path(), "\"format_version\": 3", "\"format_version\": 7");
        let message = refusal(folder.path());
        assert!(message.contains("version 7 is newer than 3"), "{message}");
    }

    #[test]
    fn a_card_whose_calibration_makes_no_sense_is_refused() {
        let labels = r#""multi_label": {"thresholds": [0.5, 0.5]}, "#;
        let good = r#""temperature": 1, "test_time_augmentation_below": 2, "score_threshold": 1"#;
        for (before, from, to, problem) in [
            ("", "e\": 1", "e\": 0", "temperature 0 is not a number above"),
            ("", "e\": 1", "e\": -2", "temperature -2 is not"),
            ("", "e\": 1", "e\": 1e999", "out of range"),
            ("", "d\": 1", "d\": null", "invalid type: null"),
            ("", ", \"score_threshold\": 1", "", "missing field `score_threshold`"),
            ("", "w\": 2", "w\": true", "invalid type: boolean"),
            (labels, "", "", "a multi-label model"),
        ] {
            let (folder, _) = saved();
            assert!(good.contains(from), "{from}");
            let numbers = good.replacen(from, to, 1);
            let layers = format!(r#"{before}"calibration": {{{numbers}}}, "layers""#);
            change_card(folder.path(), "\"layers\"", &layers);
            let message = refusal(folder.path());
            assert!(message.contains(CARD_FILE) && message.contains(problem), "{message}");
        }
    }

    #[test]
    fn a_calibrated_model_divides_logits_by_its_temperature() {
        let (folder, _) = saved();
        let image = [Image::new(INPUT, vec![200; INPUT.pixels()]).unwrap()];
        let open = || Classifier::open(folder.path(), &Device::flex()).unwrap();
        let before = open().classify(&image).unwrap();
        let calibration = r#""calibration": {"temperature": 2.5, "test_time_augmentation_below": 1, "score_threshold": 0.5}, "layers""#;
        change_card(folder.path(), "\"layers\"", calibration);
        let after = open().classify(&image).unwrap();
        let ratio = |found: &Prediction| found.log_probabilities[0] - found.log_probabilities[1];
        assert!((ratio(&before[0]) / ratio(&after[0]) - 2.5).abs() < 1e-9);
        assert_eq!(open().with_calibration(None).classify(&image).unwrap(), before);
    }

    #[test]
    fn a_card_whose_preparation_does_not_make_the_input_is_refused() {
        let (folder, _) = saved();
        change_card(folder.path(), "\"kind\": \"picture\"", "\"kind\": \"ink\"");
        let message = refusal(folder.path());
        assert!(message.contains("preparation") && message.contains("1×6×6"), "{message}");
    }

    #[test]
    fn a_card_whose_layers_do_not_fit_the_weights_is_refused() {
        let (folder, _) = saved();
        change_card(folder.path(), "\"kernel\": 3", "\"kernel\": 2");
        assert!(refusal(folder.path()).contains(WEIGHTS_FILE));
    }

    #[test]
    fn a_card_whose_layers_do_not_fit_one_another_is_refused() {
        let (folder, _) = saved();
        change_card(folder.path(), "\"kernel\": 3", "\"kernel\": 30");
        assert!(refusal(folder.path()).contains("layer 1 (conv)"));
    }

    #[test]
    fn a_model_built_into_the_program_answers_as_from_its_folder_and_is_named() {
        let (folder, _) = saved();
        let file = |name: &str| &*fs::read(folder.path().join(name)).unwrap().leak();
        let (card, weights) = (file(CARD_FILE), file(WEIGHTS_FILE));
        let load = |files: Vec<(&'static str, &'static [u8])>| {
            Classifier::load(&ModelFiles::built_in("small", files.leak()), &Device::flex())
        };
        let built_in = load(vec![(CARD_FILE, card), (WEIGHTS_FILE, weights)]).unwrap();
        let image = [Image::new(INPUT, vec![200; INPUT.pixels()]).unwrap()];
        let opened = Classifier::open(folder.path(), &Device::flex()).unwrap();
        assert_eq!(built_in.classify(&image).unwrap(), opened.classify(&image).unwrap());

        let message = load(vec![(CARD_FILE, card), (WEIGHTS_FILE, &weights[1..])]).unwrap_err();
        let place = "model.bpk of the built-in model small: SHA-256";
        assert!(message.to_string().starts_with(place), "{message}");
        let message = load(vec![(WEIGHTS_FILE, weights)]).unwrap_err().to_string();
        assert!(message.starts_with("model.json of the built-in model small: "), "{message}");
    }

    #[test]
    fn a_folder_without_a_model_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refusal(folder.path()).contains(CARD_FILE));
    }
}
