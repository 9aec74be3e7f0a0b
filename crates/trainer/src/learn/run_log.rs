//! The log of the run that is being trained, which receives the program's log records.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

static FILE: Mutex<Option<File>> = Mutex::new(None);

/// Writes log records to `file` from now on.
pub fn open(file: File) {
    *current() = Some(file);
    // Fails where an earlier training of this process has done it.
    let _ = env_logger::Builder::new()
        .filter_level(log::LevelFilter::Warn)
        .filter_module("terminal", log::LevelFilter::Info)
        .target(env_logger::Target::Pipe(Box::new(CurrentFile)))
        .write_style(env_logger::WriteStyle::Never)
        .try_init();
}

/// Closes the file, and with it ends the lock on the run's directory.
pub fn close() {
    *current() = None;
}

fn current() -> MutexGuard<'static, Option<File>> {
    FILE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The current run's file; discards records between two runs.
struct CurrentFile;

impl Write for CurrentFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        current().as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        current().as_mut().map_or(Ok(()), File::flush)
    }
}
