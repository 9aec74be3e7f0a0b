//! Reading the files of a run, with errors that name the file and the place in it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use csv::StringRecord;
use data::{LARGEST_FILE, printable, printable_path, read_regular};
use serde::de::DeserializeOwned;

use crate::files::REPORT;

/// Why a run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The folder has no report.
    #[error(
        "{}: not a run ({REPORT} is missing): name a folder that `glyph train` has written",
        printable_path(.0)
    )]
    NotARun(PathBuf),
    /// A file cannot be read.
    #[error("{}: {source}", printable_path(path))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file does not have the contents that a training writes.
    #[error(
        "{}: {}: not what `glyph train` writes; restore it, or train again",
        printable_path(path),
        printable(problem)
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
}

impl ReadError {
    /// Whether another command line would avoid the error.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotARun(_))
    }
}

/// The contents of a file; `None` if it does not exist.
pub fn read_file(path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
    match read_regular(path, LARGEST_FILE) {
        Ok(text) => Ok(Some(text)),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(source) => Err(ReadError::File { path: path.to_owned(), source }),
    }
}

/// The rows of a CSV file.
pub fn read_table<T: DeserializeOwned>(path: &Path, text: &[u8]) -> Result<Vec<T>, ReadError> {
    let mut reader = csv::Reader::from_reader(text);
    let unreadable = |error: csv::Error| invalid(path, error.to_string());
    let headings = reader.headers().map_err(unreadable)?.clone();
    let records = reader.records().map(|record| {
        let record = record.map_err(unreadable)?;
        let refuse = |error| invalid(path, row_problem(&record, &headings, &error));
        record.deserialize(Some(&headings)).map_err(refuse)
    });
    records.collect()
}

/// The line and the value of a table at which reading fails.
fn row_problem(record: &StringRecord, headings: &StringRecord, error: &csv::Error) -> String {
    let csv::ErrorKind::Deserialize { err: error, .. } = error.kind() else {
        return error.to_string();
    };
    let line = record.position().map_or(0, csv::Position::line);
    let column = error.field().map(|field| field as usize);
    let named = column.and_then(|column| headings.get(column).zip(record.get(column)));
    match named {
        Some((heading, value)) => format!("line {line}: {heading} is `{value}`: {}", error.kind()),
        None => format!("line {line}: {}", error.kind()),
    }
}

/// The name of a folder, however its path is written.
///
/// # Errors
/// When the path is relative to a folder that cannot be resolved.
pub fn folder_name(path: &Path) -> Result<String, ReadError> {
    let file_error = |source| ReadError::File { path: path.to_owned(), source };
    // `.` and `..` are no names.
    let whole = if path.file_name().is_some() {
        path.to_owned()
    } else {
        fs::canonicalize(path).map_err(file_error)?
    };
    Ok(whole.file_name().unwrap_or(whole.as_os_str()).display().to_string())
}

/// Whether `value` is from 0 to 1.
pub fn is_share(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

/// The error for a file with wrong contents.
pub fn invalid(path: &Path, problem: String) -> ReadError {
    ReadError::Invalid { path: path.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_for_its_folder_however_it_is_written() {
        assert_eq!(folder_name(Path::new("runs/cnn/")).unwrap(), "cnn");
        assert_eq!(folder_name(Path::new("runs/cnn/.")).unwrap(), "cnn");
        let here = std::env::current_dir().unwrap();
        let name = here.file_name().unwrap().display().to_string();
        assert_eq!(folder_name(Path::new(".")).unwrap(), name);
    }
}
