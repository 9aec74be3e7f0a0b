//! Temporary folders for the files of one input.

use std::path::Path;

use tempfile::TempDir;

/// A folder that is deleted when it is dropped. It is in memory if the system has `/dev/shm`,
/// because a fuzzer creates thousands of folders per second.
///
/// # Panics
///
/// If it cannot be created.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a temporary folder can be made")
}
