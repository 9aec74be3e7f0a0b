//! Writing files, with errors that name them.

use std::path::Path;

use anyhow::Context;
use data::write_whole;

/// Writes a file as a whole: under a temporary name, renamed when it is complete.
///
/// # Errors
/// When the file cannot be written; the error names it.
pub fn write_file(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    write_whole(path, contents).with_context(|| path.display().to_string())
}
