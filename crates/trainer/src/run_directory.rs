//! The folder that a run writes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use data::{TEMPORARY_PREFIX, sha256, write_whole};
use model::{CARD_FILE, WEIGHTS_FILE};

use crate::report_files::{PAGE, PLOTS, PREDICTIONS};

/// Where runs go by default.
const RUNS: &str = "artifacts/runs";

const CONFIG: &str = "config.toml";
pub const METRICS: &str = "metrics.csv";
pub const REPORT: &str = "report.json";
const LOG: &str = "train.log";
const CHECKPOINTS: &str = "checkpoints";
const TENSORBOARD: &str = "tensorboard";

/// A run's folder; while this value lives, no other training can use it.
pub struct RunDirectory {
    path: PathBuf,
    /// Holds the lock.
    log: File,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error(
        "{0}: something is there already: name another --output, replace it with --overwrite, \
         or continue it with --resume {0}"
    )]
    Exists(PathBuf),
    #[error("{0}: not a run ({CONFIG} is missing), so --overwrite leaves it alone")]
    NotARun(PathBuf),
    #[error("{0}: there is no run to resume ({CONFIG} is missing)")]
    NothingToResume(PathBuf),
    #[error("{0}: another training is writing there: wait for it, or name another --output")]
    InUse(PathBuf),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
}

impl DirectoryError {
    /// Whether a different command line would have avoided it.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::File { .. } | Self::InUse(_))
    }
}

impl RunDirectory {
    /// The folder of a new run: `output`, or `artifacts/runs/NAME` with the first free number.
    pub fn create(
        name: &str,
        output: Option<&Path>,
        overwrite: bool,
    ) -> Result<Self, DirectoryError> {
        let wanted = output.map_or_else(|| Path::new(RUNS).join(name), Path::to_path_buf);
        if let Some(parent) = wanted.parent() {
            fs::create_dir_all(parent).map_err(|source| file_error(parent, source))?;
        }
        if overwrite && !is_empty(&wanted)? {
            return Self::replace(wanted);
        }
        // `create_dir` decides between two runs that start at once.
        let numbered = (2..).map(|number| Path::new(RUNS).join(format!("{name}-{number}")));
        let others = numbered.take(if output.is_none() { usize::MAX } else { 0 });
        for path in std::iter::once(wanted.clone()).chain(others) {
            match fs::create_dir(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(file_error(&path, error));
                }
                Err(_) if !path.is_dir() || !is_empty(&path)? => continue,
                _ => {}
            }
            match Self::lock(path) {
                // Another run that started at once was faster.
                Err(DirectoryError::InUse(_)) if output.is_none() => {}
                result => return result,
            }
        }
        Err(DirectoryError::Exists(wanted))
    }

    /// The config of a run that is to go on.
    pub fn config_of(path: &Path) -> Result<PathBuf, DirectoryError> {
        let config = path.join(CONFIG);
        if config.is_file() {
            Ok(config)
        } else {
            Err(DirectoryError::NothingToResume(path.to_owned()))
        }
    }

    /// The folder of a run that is to go on.
    pub fn resume(path: &Path) -> Result<Self, DirectoryError> {
        let run = Self::lock(path.to_owned())?;
        run.remove_temporary_files()?;
        Ok(run)
    }

    /// Removes what a killed run had begun to write. The folder must be locked.
    fn remove_temporary_files(&self) -> Result<(), DirectoryError> {
        for folder in [self.path.clone(), self.path.join(PLOTS)] {
            for name in names(&folder)?.iter().filter(|name| name.starts_with(TEMPORARY_PREFIX)) {
                let path = folder.join(name);
                fs::remove_file(&path).map_err(|source| file_error(&path, source))?;
            }
        }
        Ok(())
    }

    /// Removes what an earlier run wrote, and nothing else.
    fn replace(path: PathBuf) -> Result<Self, DirectoryError> {
        if !path.join(CONFIG).is_file() {
            return Err(DirectoryError::NotARun(path));
        }
        let run = Self::lock(path)?;
        // The config stays until the new one replaces it: without one, this is no run any more.
        let files = [WEIGHTS_FILE, CARD_FILE, METRICS, REPORT, PREDICTIONS, PAGE];
        let files =
            files.map(|file| run.path.join(file)).map(|file| (fs::remove_file(&file), file));
        let folders = [run.checkpoints(), run.path.join(PLOTS), run.tensorboard()];
        let folders = folders.map(|folder| (fs::remove_dir_all(&folder), folder));
        for (result, path) in files.into_iter().chain(folders) {
            match result {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(file_error(&path, error));
                }
                _ => {}
            }
        }
        run.log.set_len(0).map_err(|source| file_error(&run.path.join(LOG), source))?;
        Ok(run)
    }

    fn lock(path: PathBuf) -> Result<Self, DirectoryError> {
        let file = path.join(LOG);
        let log = File::options()
            .create(true)
            .append(true)
            .open(&file)
            .map_err(|source| file_error(&file, source))?;
        match log.try_lock() {
            Ok(()) => Ok(Self { path, log }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse(path)),
            Err(TryLockError::Error(source)) => Err(file_error(&file, source)),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the stored config.
    pub fn config_sha256(&self) -> Result<String, DirectoryError> {
        let path = self.path.join(CONFIG);
        fs::read(&path).map(|text| sha256(&text)).map_err(|source| file_error(&path, source))
    }

    pub fn checkpoints(&self) -> PathBuf {
        self.path.join(CHECKPOINTS)
    }

    /// Where event files go, if they are wanted.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join(TENSORBOARD)
    }

    /// A second handle on the log, for writing.
    pub fn log(&self) -> Result<File, DirectoryError> {
        self.log.try_clone().map_err(|source| file_error(&self.path.join(LOG), source))
    }

    pub fn write_config(&self, text: &str) -> Result<(), DirectoryError> {
        self.write(CONFIG, text)
    }

    pub fn write_metrics(&self, text: &str) -> Result<(), DirectoryError> {
        self.write(METRICS, text)
    }

    pub fn write_report(&self, text: &str) -> Result<(), DirectoryError> {
        self.write(REPORT, text)
    }

    fn write(&self, file: &str, text: &str) -> Result<(), DirectoryError> {
        let path = self.path.join(file);
        write_whole(&path, text.as_bytes()).map_err(|source| file_error(&path, source))
    }
}

fn file_error(path: &Path, source: io::Error) -> DirectoryError {
    DirectoryError::File { path: path.to_owned(), source }
}

/// Whether nothing stands at `path`, or a folder without anything that a run has finished: one
/// killed in its first moments leaves an empty log, perhaps a temporary file.
fn is_empty(path: &Path) -> Result<bool, DirectoryError> {
    let is_log = |name: &str| {
        name == LOG && fs::metadata(path.join(LOG)).is_ok_and(|metadata| metadata.len() == 0)
    };
    let names = names(path)?;
    Ok(names.iter().all(|name| name.starts_with(TEMPORARY_PREFIX) || is_log(name)))
}

/// What is in a folder; nothing, if it is not there.
fn names(folder: &Path) -> Result<Vec<String>, DirectoryError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| file_error(folder, source))?,
    };
    let name = |entry: io::Result<fs::DirEntry>| {
        entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
    };
    entries.map(name).collect::<Result<_, _>>().map_err(|source| file_error(folder, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_in(folder: &Path) -> RunDirectory {
        let run = RunDirectory::create("x", Some(folder), false).unwrap();
        run.write_config("").unwrap();
        run
    }

    #[test]
    fn a_folder_in_use_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let run = run_in(&path);
        let refused = |result: Result<RunDirectory, DirectoryError>| {
            matches!(result, Err(DirectoryError::InUse(_)))
        };
        assert!(refused(RunDirectory::resume(&path)));
        assert!(refused(RunDirectory::create("x", Some(&path), true)));
        drop(run);
        assert!(RunDirectory::resume(&path).is_ok());
    }

    #[test]
    fn a_named_folder_with_contents_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(run_in(&folder.path().join("run")));
        let again = RunDirectory::create("x", Some(&folder.path().join("run")), false);
        assert!(matches!(again, Err(DirectoryError::Exists(_))));
    }

    #[test]
    fn overwriting_removes_the_run_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let run = run_in(&path);
        run.write_metrics("old").unwrap();
        fs::create_dir_all(run.checkpoints().join("000000001")).unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        drop(run);
        let run = RunDirectory::create("x", Some(&path), true).unwrap();
        assert!(!run.checkpoints().exists() && !path.join(METRICS).exists());
        assert!(path.join("notes.txt").exists());
    }

    #[test]
    fn overwriting_spares_a_folder_that_is_no_run() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        let result = RunDirectory::create("x", Some(folder.path()), true);
        assert!(matches!(result, Err(DirectoryError::NotARun(_))));
    }

    #[test]
    fn what_a_run_killed_in_its_first_moments_leaves_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOG), "").unwrap();
        fs::write(folder.path().join(".tmp-half"), "half a config").unwrap();
        assert!(RunDirectory::create("x", Some(folder.path()), false).is_ok());
    }

    #[test]
    fn resuming_removes_temporary_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        drop(run_in(&path));
        fs::create_dir(path.join(PLOTS)).unwrap();
        for file in [".tmp-a", "plots/.tmp-b", "plots/f1_per_class.png", ".notes"] {
            fs::write(path.join(file), "").unwrap();
        }
        drop(RunDirectory::resume(&path).unwrap());
        for (file, stays) in [
            (".tmp-a", false),
            ("plots/.tmp-b", false),
            ("plots/f1_per_class.png", true),
            (".notes", true),
        ] {
            assert_eq!(path.join(file).exists(), stays, "{file}");
        }
    }

    #[test]
    fn resuming_needs_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let result = RunDirectory::config_of(folder.path());
        assert!(matches!(result, Err(DirectoryError::NothingToResume(_))));
    }
}
