//! Writing files and making folders, with errors that name them.

use std::path::Path;
use std::{fs, io};

use anyhow::Context;
use data::{printable_path, write_whole};

/// Writes a file as a whole: under a temporary name, renamed when it is complete.
///
/// # Errors
/// When the file cannot be written; the error names it.
pub fn write_file(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    write_whole(path, contents).with_context(|| printable_path(path))
}

/// Makes a folder in one that exists; one that is there already stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}
