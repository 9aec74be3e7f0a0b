//! The model that a command names: built into the program, or in a folder.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use anyhow::Context;
use model::{Compute, ModelFiles};
use runs::files::{CONFIG, METRICS, REPORT};
use runs::{EpochFigures, folder_name, parse_history};
use trainer::config::{ConfigFile, DataConfig};

/// The name of the model that is used unless another is named.
pub const DEFAULT_MODEL: &str = "robust";

/// A model in `artifacts/`, with what evaluating and serving it needs.
macro_rules! released {
    ($name:literal) => {
        ModelFiles::built_in(
            $name,
            &[
                (model::CARD_FILE, released!($name, "model.json")),
                (model::WEIGHTS_FILE, released!($name, "model.bpk")),
                (CONFIG, released!($name, "config.toml")),
                (METRICS, released!($name, "metrics.csv")),
                (REPORT, released!($name, "report.json")),
                ("plots/confusion_matrix.png", released!($name, "plots/confusion_matrix.png")),
            ],
        )
    };
    ($name:literal, $file:literal) => {
        include_bytes!(concat!("../../../artifacts/", $name, "/", $file))
    };
}

/// The released models: the one for any pictures, and the one with the highest accuracy on MNIST.
const RELEASED: [ModelFiles; 2] = [released!("robust"), released!("cnn")];

/// A name that is neither a built-in model nor a folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0}: no such model: name robust or cnn, which are built in, or the folder of a trained model \
     (./cnn for a folder of that name)"
)]
pub struct ModelNotFound(String);

/// The files of the model `name`: a built-in one, or those in the folder with that path. A folder in
/// the working directory never takes the place of a built-in model.
pub fn find_model(name: &str) -> Result<ModelFiles, ModelNotFound> {
    if let Some(released) = RELEASED.into_iter().find(|released| released.name() == name) {
        Ok(released)
    } else if Path::new(name).is_dir() {
        Ok(ModelFiles::in_folder(name))
    } else {
        Err(ModelNotFound(name.to_owned()))
    }
}

/// The name of a model for people: that of its folder, also where its path is `.`.
pub fn display_name(files: &ModelFiles) -> anyhow::Result<String> {
    match files.folder() {
        Some(folder) => Ok(folder_name(folder)?),
        None => Ok(files.name().to_owned()),
    }
}

/// The data that a model was trained on, as its config says.
pub fn training_data(
    files: &ModelFiles,
    overrides: &[String],
) -> anyhow::Result<(ConfigFile, DataConfig)> {
    if let Some(folder) = files.folder() {
        return Ok(ConfigFile::read_data(&folder.join(CONFIG), overrides)?);
    }
    let place = files.describe(CONFIG);
    let text = files.read(CONFIG).with_context(|| place.clone())?;
    let text = String::from_utf8(text.into_owned()).with_context(|| place.clone())?;
    Ok(ConfigFile::data_of(Path::new(&place), text, overrides)?)
}

/// The keys of the `[augment]` section that a model was trained with; `None` if its config is not known.
pub fn training_augmentation(files: &ModelFiles) -> anyhow::Result<Option<Vec<String>>> {
    if files.read(CONFIG).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let (_, config) = training_data(files, &[])?;
    Ok(Some(config.augmentation_keys()))
}

/// The epochs of a model's training; empty if they are not known.
pub fn training_history(files: &ModelFiles) -> anyhow::Result<Vec<EpochFigures>> {
    let text: Cow<[u8]> = match files.read(METRICS) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.with_context(|| files.describe(METRICS))?,
    };
    Ok(parse_history(Path::new(&files.describe(METRICS)), &text)?)
}

/// What computes the answers, for `--verbose`.
pub fn compute_line(files: &ModelFiles, compute: &Compute) -> String {
    format!("model {}, device {}, {} threads", files.name(), compute.name, compute.threads())
}
