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
pub const DEFAULT_MODEL: &str = "cnn";

/// The released model, with what evaluating and serving it needs.
const RELEASED: ModelFiles = ModelFiles::built_in(
    DEFAULT_MODEL,
    &[
        (model::CARD_FILE, include_bytes!("../../../artifacts/cnn/model.json")),
        (model::WEIGHTS_FILE, include_bytes!("../../../artifacts/cnn/model.bpk")),
        (CONFIG, include_bytes!("../../../artifacts/cnn/config.toml")),
        (METRICS, include_bytes!("../../../artifacts/cnn/metrics.csv")),
        (REPORT, include_bytes!("../../../artifacts/cnn/report.json")),
        (
            "plots/confusion_matrix.png",
            include_bytes!("../../../artifacts/cnn/plots/confusion_matrix.png"),
        ),
    ],
);

/// A name that is neither a built-in model nor a folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0}: no such model: name cnn, which is built in, or the folder of a trained model (./cnn for a \
     folder of that name)"
)]
pub struct ModelNotFound(String);

/// The files of the model `name`: the built-in one, or those in the folder with that path. A folder in
/// the working directory never takes the place of the built-in model.
pub fn find_model(name: &str) -> Result<ModelFiles, ModelNotFound> {
    if name == RELEASED.name() {
        Ok(RELEASED)
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
