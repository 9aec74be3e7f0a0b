//! Files and folders, read whole, with errors that name them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::DataError;

/// Reads a whole file.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, DataError> {
    fs::read(path).map_err(|source| DataError::Read { path: path.to_path_buf(), source })
}

/// What is in a folder, sorted, without hidden files.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let refuse = |source| DataError::Read { path: folder.to_path_buf(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}
