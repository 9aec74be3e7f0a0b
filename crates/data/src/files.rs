//! Files and folders: reading with errors that name them, and atomic writing.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::Builder;

use crate::error::DataError;

/// Reads a whole file.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, DataError> {
    fs::read(path).map_err(|source| DataError::Read { path: path.to_path_buf(), source })
}

/// The paths in a folder, sorted, without hidden ones.
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

/// The last part of a path, as text.
///
/// # Errors
///
/// [`DataError::FileName`] if it is not UTF-8: replaced characters could make two names one.
pub(crate) fn utf8_name(path: &Path) -> Result<String, DataError> {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    name.map(String::from).ok_or_else(|| DataError::FileName { path: path.to_path_buf() })
}

/// Prefix of the temporary files of [`write_whole`]; a killed program may leave one behind.
pub const TEMPORARY_PREFIX: &str = ".tmp-";

/// Writes `contents` to `path` atomically: into a temporary file in the same folder, synced, then
/// renamed. A reader sees the old file or the new one, never a part.
///
/// # Errors
///
/// Any error of the file system; `path` is then unchanged.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    // Temporary files are private by default; this one becomes an ordinary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

/// Syncs a folder, so that a rename in it survives a power failure, where the system supports it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_replaces_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_whole(&path, b"first").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_whole(&folder.path().join("absent/file"), b"").is_err());
    }
}
