//! A stored model: the weights and all that is needed to use them.
//!
//! A model is a folder with `model.bpk` (Burn's record of the best epoch's weights) and
//! `model.json` (the [`ModelCard`]). The card names the weights' SHA-256: a damaged or foreign
//! `model.bpk` is refused before any of it is used.

use std::path::{Path, PathBuf};
use std::{fs, io};

use burn::module::Module;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Bytes, DType, Device};
use data::{DataError, ImageShape, Normalization, Normalizer, sha256, write_whole};
use serde::{Deserialize, Serialize};

use crate::layers::{LayerConfig, LayerError};
use crate::network::Network;
use crate::plan::Plan;

/// The version of the format that this program writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The version of Burn that writes the weights.
pub const BURN_VERSION: &str = "0.22.1";

/// Name of the card's file in a model's folder.
pub const CARD_FILE: &str = "model.json";

/// Name of the weights' file in a model's folder.
pub const WEIGHTS_FILE: &str = "model.bpk";

/// What a model is, besides its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Name and version of the program that wrote the model.
    pub program: String,
    /// Version of Burn that wrote the weights.
    pub burn: String,
    /// Shape of the images it takes.
    pub input: ImageShape,
    /// How pixels become the network's input.
    pub normalization: Normalization,
    /// Names of the classes, in the order of the network's outputs.
    pub class_names: Vec<String>,
    /// The network.
    pub layers: Vec<LayerConfig>,
    /// Where the weights come from.
    pub origin: Origin,
    /// SHA-256 of `model.bpk`, in lower-case hexadecimal; written by [`save_model`].
    pub weights_sha256: String,
}

/// The training that a model's weights come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Seed of the run.
    pub seed: u64,
    /// Epoch the weights were taken after, from 1.
    pub epoch: usize,
    /// Mean loss on the validation images, in nats, smoothed and weighted as in training.
    pub validation_loss: f64,
    /// Share of the validation images classified rightly.
    pub validation_accuracy: f64,
}

/// Why a model cannot be stored or loaded.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The card is not a card.
    #[error("{path}: not a model card: {source}")]
    Card {
        /// The card's file.
        path: PathBuf,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
    /// The card comes from a newer program.
    #[error(
        "{path}: format version {found} is newer than {FORMAT_VERSION}, the newest this program \
         reads: update the program"
    )]
    NewerFormat {
        /// The card's file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The network in the card does not fit together.
    #[error("{path}: {source}")]
    Layers {
        /// The card's file.
        path: PathBuf,
        /// The layer at fault.
        source: LayerError,
    },
    /// The normalization does not fit the input.
    #[error("{path}: {source}")]
    Normalization {
        /// The card's file.
        path: PathBuf,
        /// What does not fit.
        source: DataError,
    },
    /// The weights are not those the card was written for.
    #[error(
        "{path}: SHA-256 is {found}, but {CARD_FILE} says {expected}: the file is damaged or \
         belongs to another model"
    )]
    Checksum {
        /// The weights' file.
        path: PathBuf,
        /// What the card says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The weights are not a record of this network.
    #[error("{path}: {source}")]
    Weights {
        /// The weights' file.
        path: PathBuf,
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
    let path = folder.join(WEIGHTS_FILE);
    let weights = weights_bytes(network)
        .map_err(|source| ArtifactError::Weights { path: path.clone(), source })?;
    card.weights_sha256 = sha256(&weights);
    write_whole(&path, &weights).map_err(|source| ArtifactError::File { path, source })?;

    let path = folder.join(CARD_FILE);
    let text = serde_json::to_vec_pretty(&card)
        .map_err(|source| ArtifactError::Card { path: path.clone(), source })?;
    write_whole(&path, &text).map_err(|source| ArtifactError::File { path, source })?;
    Ok(card)
}

/// A stored model, checked.
#[derive(Debug)]
pub(crate) struct StoredModel {
    pub(crate) card: ModelCard,
    pub(crate) network: Network,
    pub(crate) normalizer: Normalizer,
}

/// Loads the model in `folder` onto `device`.
pub(crate) fn load_model(folder: &Path, device: &Device) -> Result<StoredModel, ArtifactError> {
    let path = folder.join(CARD_FILE);
    let card = read_card(&path)?;
    let plan = Plan::new(&card.layers, card.input, card.class_names.len())
        .map_err(|source| ArtifactError::Layers { path: path.clone(), source })?;
    let normalizer = Normalizer::new(&card.normalization, card.input)
        .map_err(|source| ArtifactError::Normalization { path, source })?;

    let path = folder.join(WEIGHTS_FILE);
    let weights = read(&path)?;
    let found = sha256(&weights);
    if found != card.weights_sha256 {
        return Err(ArtifactError::Checksum { path, expected: card.weights_sha256, found });
    }
    let network = read_weights(weights, &plan, device)
        .map_err(|source| ArtifactError::Weights { path, source })?;
    Ok(StoredModel { card, network, normalizer })
}

/// The network of `plan` with the weights in `bytes`.
fn read_weights(bytes: Vec<u8>, plan: &Plan, device: &Device) -> Result<Network, RecordError> {
    let refuse = |problem: String| Err(RecordError::Validation(problem));
    // A few bytes must not ask for all memory there is, which building the network does.
    let (found, parameters) = (bytes.len(), plan.parameters());
    if found / size_of::<f32>() < parameters {
        return refuse(format!("{found} bytes cannot hold the network's {parameters} parameters"));
    }
    let tensors = burn_pack::Reader::from_bytes(Bytes::from_bytes_vec(bytes))?.into_tensors()?;
    // Burn panics at numbers of a kind that weights cannot be.
    if let Some(tensor) = tensors.iter().find(|tensor| tensor.dtype != DType::F32) {
        return refuse(format!("{} holds {:?}: expected F32", tensor.name, tensor.dtype));
    }
    // Written anew, so that each begins where its numbers can be read from memory.
    let record = ModuleRecord::from_bytes(burn_pack::Writer::new(tensors).into_bytes()?)?;
    plan.init(device).try_load_record(record)
}

fn read_card(path: &Path) -> Result<ModelCard, ArtifactError> {
    /// The one field that every version has.
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let text = read(path)?;
    let malformed = |source| ArtifactError::Card { path: path.to_owned(), source };
    let Version { format_version } = serde_json::from_slice(&text).map_err(malformed)?;
    if format_version > FORMAT_VERSION {
        return Err(ArtifactError::NewerFormat { path: path.to_owned(), found: format_version });
    }
    serde_json::from_slice(&text).map_err(malformed)
}

fn read(path: &Path) -> Result<Vec<u8>, ArtifactError> {
    fs::read(path).map_err(|source| ArtifactError::File { path: path.to_owned(), source })
}

/// The network's record as bytes, without Burn's parameter identifiers: those are random, and the
/// same weights shall give the same file.
fn weights_bytes(network: Network) -> Result<Vec<u8>, RecordError> {
    let record = network.into_record().into_bytes()?;
    let tensors = burn_pack::Reader::from_bytes(record)?.into_tensors()?;
    let anonymous = tensors
        .into_iter()
        .map(|tensor| {
            let (path, dtype, shape, _identifier, bytes) = tensor.into_parts()?;
            Ok(burn_pack::Tensor::new(path, dtype, shape, None, bytes))
        })
        .collect::<Result<Vec<_>, burn_pack::Error>>()?;
    Ok(burn_pack::Writer::new(anonymous).into_bytes()?.to_vec())
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;
    use burn::tensor::activation::log_softmax;
    use data::Image;

    use super::*;
    use crate::classifier::Classifier;

    const INPUT: ImageShape = ImageShape { channels: 1, height: 6, width: 6 };

    fn card() -> ModelCard {
        ModelCard {
            format_version: FORMAT_VERSION,
            program: "glyph test".to_owned(),
            burn: BURN_VERSION.to_owned(),
            input: INPUT,
            normalization: Normalization { mean: vec![0.5], standard_deviation: vec![0.25] },
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
        load_model(folder, &Device::flex()).unwrap_err().to_string()
    }

    #[test]
    fn a_saved_model_loads_and_answers_alike() {
        let (folder, network) = saved();
        let pixels: Vec<u8> = (0..36).map(|i| i * 7).collect();
        let normalized = pixels.iter().map(|&pixel| (f32::from(pixel) / 255.0 - 0.5) / 0.25);
        let images = Tensor::<1>::from_floats(&*normalized.collect::<Vec<_>>(), &Device::flex());
        let logits = network.forward(images.reshape([1, 1, 6, 6]));
        let expected = log_softmax(logits, 1).try_into_vec_as::<f32>().unwrap();

        let classifier = Classifier::load(folder.path(), &Device::flex()).unwrap();
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
    fn a_card_that_announces_more_than_the_weights_hold_is_refused_at_once() {
        let (folder, _) = saved();
        // A network of 5 GB.
        change_card(folder.path(), "\"channels\": 3", "\"channels\": 29000000");
        let message = refusal(folder.path());
        assert!(message.contains("1276000002 parameters"), "{message}");
    }

    #[test]
    fn a_newer_format_is_refused_with_both_versions() {
        let (folder, _) = saved();
        change_card(folder.path(), "\"format_version\": 1", "\"format_version\": 7");
        let message = refusal(folder.path());
        assert!(message.contains("version 7 is newer than 1"), "{message}");
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
    fn a_folder_without_a_model_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refusal(folder.path()).contains(CARD_FILE));
    }
}
