//! The names under which models are asked for.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Models that cannot be told apart.
#[derive(Debug, Error)]
pub enum NameError {
    /// Two folders of the same name.
    #[error(
        "--model {second}: {first} has the same name, `{name}`: rename one of the folders, or link \
         to it by another name"
    )]
    Twice {
        /// The name.
        name: String,
        /// The folder that has it.
        first: String,
        /// The other one.
        second: String,
    },
    /// A folder without a name, like `/`.
    #[error("--model {folder}: this folder has no name: name the model's own folder")]
    Nameless {
        /// The folder.
        folder: String,
    },
}

/// The folders with their names, in order.
pub fn name_models(folders: &[PathBuf]) -> Result<Vec<(String, &Path)>, NameError> {
    let mut named: Vec<(String, &Path)> = Vec::new();
    for folder in folders {
        let name = name(folder)?;
        if let Some((name, first)) = named.iter().find(|(other, _)| *other == name) {
            return Err(NameError::Twice {
                name: name.clone(),
                first: first.display().to_string(),
                second: folder.display().to_string(),
            });
        }
        named.push((name, folder));
    }
    Ok(named)
}

/// The last part of the path, or what `.` and `..` are called.
fn name(folder: &Path) -> Result<String, NameError> {
    let whole = || fs::canonicalize(folder).ok();
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    last(folder)
        .or_else(|| whole().as_deref().and_then(last))
        .ok_or_else(|| NameError::Nameless { folder: folder.display().to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folders: &[&str]) -> Result<Vec<String>, NameError> {
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        Ok(name_models(&folders)?.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn a_model_is_called_as_its_folder() {
        assert_eq!(
            names(&["artifacts/cnn", "runs/mine/", "."]).unwrap(),
            ["cnn", "mine", "server"]
        );
    }

    #[test]
    fn two_models_of_one_name_are_told_with_both_folders() {
        let error = names(&["a/cnn", "b/cnn"]).unwrap_err().to_string();
        assert!(error.contains("a/cnn") && error.contains("b/cnn"), "{error}");
    }

    #[test]
    fn a_folder_without_a_name_is_refused() {
        assert!(names(&["/"]).unwrap_err().to_string().contains("no name"));
    }
}
