//! The model that a command names: built into the program, or in a folder.

use std::path::{Path, PathBuf};

use model::{ArtifactError, Classifier, NamedDevice};
use reader::Reader;
use runs::files::CONFIG;
use runs::{EpochFigures, folder_name, read_history};
use trainer::config::{ConfigFile, DataConfig};

/// Name of the built-in model.
const RELEASED: &str = "cnn";

/// A name that is neither a built-in model nor a folder.
#[derive(Debug, thiserror::Error)]
#[error("{0}: no such model: name {RELEASED}, which is built in, or the folder of a trained model")]
pub struct ModelNotFound(String);

/// A model that can be loaded.
pub struct Model {
    folder: PathBuf,
}

impl Model {
    /// The model called `name`; a folder of that name comes before a built-in model.
    pub fn find(name: &str) -> Result<Self, ModelNotFound> {
        let folder = PathBuf::from(name);
        if folder.is_dir() {
            return Ok(Self { folder });
        }
        if name == RELEASED {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../artifacts/cnn").into();
            return Ok(Self { folder });
        }
        Err(ModelNotFound(name.to_owned()))
    }

    /// The folder, if the model is not built in.
    pub fn folder(&self) -> Option<&Path> {
        Some(&self.folder)
    }

    /// The name of the model.
    pub fn name(&self) -> anyhow::Result<String> {
        Ok(folder_name(&self.folder)?)
    }

    /// The classifier on a device.
    pub fn classifier(&self, device: &NamedDevice) -> Result<Classifier, ArtifactError> {
        Classifier::open(&self.folder, &device.device)
    }

    /// The classifier together with the preparation of pictures.
    pub fn reader(&self, device: &NamedDevice) -> Result<Reader, ArtifactError> {
        Reader::open(&self.folder, &device.device)
    }

    /// The data that the model was trained on.
    pub fn data(&self, overrides: &[String]) -> anyhow::Result<(ConfigFile, DataConfig)> {
        Ok(ConfigFile::read_data(&self.folder.join(CONFIG), overrides)?)
    }

    /// The epochs of its training; empty if they are not known.
    pub fn history(&self) -> anyhow::Result<Vec<EpochFigures>> {
        Ok(read_history(&self.folder)?)
    }
}
