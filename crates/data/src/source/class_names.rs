//! The names of classes: what a user writes as `dataset.class_names`.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::files::{LARGEST_FILE, read_file};

/// The names of the classes, in the order of their labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a list of names, or the name of a file with one in each line"
)]
pub enum ClassNames {
    /// The names.
    List(Vec<String>),
    /// A text file with one name in each line, relative to `dataset.path`.
    File(PathBuf),
}

impl ClassNames {
    /// The names; `folder` is where a file's name begins.
    ///
    /// # Errors
    ///
    /// [`DataError::Read`] for a file that cannot be read, or is not text in UTF-8.
    pub(crate) fn read(&self, folder: Option<&Path>) -> Result<Vec<String>, DataError> {
        let path = match self {
            Self::List(names) => return Ok(names.clone()),
            Self::File(path) => folder.unwrap_or(Path::new("")).join(path),
        };
        let text = String::from_utf8(read_file(&path, LARGEST_FILE)?).map_err(|_| {
            DataError::Read { path, source: std::io::Error::other("not a text in UTF-8") }
        })?;
        let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
        Ok(names.map(String::from).collect())
    }
}

impl From<Vec<String>> for ClassNames {
    fn from(names: Vec<String>) -> Self {
        Self::List(names)
    }
}
