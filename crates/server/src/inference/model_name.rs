//! The names of the served models, by which requests choose one.

use std::fs;
use std::path::Path;

use model::ModelFiles;
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

/// Pairs each model with its name, in order: that of its folder, or of the built-in model.
///
/// # Errors
///
/// When a folder has no name, or two models have the same.
pub fn name_models(models: &[ModelFiles]) -> Result<Vec<(String, &ModelFiles)>, ModelNameError> {
    let mut named: Vec<(String, &ModelFiles)> = Vec::new();
    for files in models {
        let name = files.folder().map_or_else(|| Ok(files.name().to_owned()), name)?;
        if let Some((name, first)) = named.iter().find(|(other, _)| *other == name) {
            let [first, second] = [*first, files].map(argument);
            return Err(ModelNameError::Duplicate { name: name.clone(), first, second });
        }
        named.push((name, files));
    }
    Ok(named)
}

/// The model as `--model` names it.
fn argument(files: &ModelFiles) -> String {
    files.folder().map_or_else(|| files.name().to_owned(), |folder| folder.display().to_string())
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
        let models: Vec<_> = folders.iter().map(ModelFiles::in_folder).collect();
        Ok(name_models(&models)?.into_iter().map(|(name, _)| name).collect())
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
