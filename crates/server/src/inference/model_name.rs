//! The names of the served models, by which requests choose one.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Model folders that give no unique names.
#[derive(Debug, Error)]
pub enum ModelNameError {
    /// Two folders of the same name.
    #[error(
        "--model {second}: {first} has the same name, `{name}`: rename one of the folders, or make a \
         symbolic link with another name"
    )]
    Duplicate {
        /// The name.
        name: String,
        /// The first folder.
        first: String,
        /// The second folder.
        second: String,
    },
    /// A folder without a name, like `/`.
    #[error("--model {folder}: this folder has no name: give the model's own folder")]
    Missing {
        /// The folder.
        folder: String,
    },
}

/// Pairs each folder with its name, in order.
///
/// # Errors
///
/// When a folder has no name, or two have the same.
pub fn name_models(folders: &[PathBuf]) -> Result<Vec<(String, &Path)>, ModelNameError> {
    let mut named: Vec<(String, &Path)> = Vec::new();
    for folder in folders {
        let name = name(folder)?;
        if let Some((name, first)) = named.iter().find(|(other, _)| *other == name) {
            return Err(ModelNameError::Duplicate {
                name: name.clone(),
                first: first.display().to_string(),
                second: folder.display().to_string(),
            });
        }
        named.push((name, folder));
    }
    Ok(named)
}

/// The last component of the path, also of what `.` and `..` stand for.
fn name(folder: &Path) -> Result<String, ModelNameError> {
    let absolute = || fs::canonicalize(folder).ok();
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    last(folder)
        .or_else(|| absolute().as_deref().and_then(last))
        .ok_or_else(|| ModelNameError::Missing { folder: folder.display().to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folders: &[&str]) -> Result<Vec<String>, ModelNameError> {
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        Ok(name_models(&folders)?.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn a_model_has_the_name_of_its_folder() {
        assert_eq!(
            names(&["artifacts/cnn", "runs/mine/", "."]).unwrap(),
            ["cnn", "mine", "server"]
        );
    }

    #[test]
    fn the_error_about_two_models_of_one_name_shows_both_folders() {
        let error = names(&["a/cnn", "b/cnn"]).unwrap_err().to_string();
        assert!(error.contains("a/cnn") && error.contains("b/cnn"), "{error}");
    }

    #[test]
    fn a_folder_without_a_name_is_an_error() {
        assert!(names(&["/"]).unwrap_err().to_string().contains("no name"));
    }
}
