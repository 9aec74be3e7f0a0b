//! Where files lie that exist for one input.

use std::path::Path;

use tempfile::TempDir;

/// A folder that goes with its owner: in memory, where there is such a place, for fuzzers make
/// thousands of them a second.
///
/// # Panics
///
/// When none can be made.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a temporary folder can be made")
}
