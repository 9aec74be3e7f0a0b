//! The folder that a run writes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use data::{
    FileIdentity, LARGEST_TEXT, TEMPORARY_PREFIX, open_in_place, printable_path, read_regular,
    refuse_link, sha256, write_whole_if,
};
use model::{CARD_FILE, WEIGHTS_FILE};

use crate::checkpoint::{Checkpoint, ignore_missing, remove_checkpoints, remove_if_empty};
use crate::event_files;
use crate::files::{
    CHECKPOINTS, CONFIG, LOG, MARKER, METRICS, PLOT_FILES, PLOTS, PREDICTIONS, REPORT, REPORT_PAGE,
    TENSORBOARD,
};
use crate::history::read_history;
use crate::report::{Status, run_status};

/// The folder for runs without `--output`.
const RUNS: &str = "artifacts/runs";

/// The contents of the marker, for people who wonder about the file.
const MARKER_TEXT: &str = "Glyph trained here. --overwrite removes its own files from this folder only while this \
                           file exists.\n";

/// A run's folder; while this value lives, no other training can use it.
#[derive(Debug)]
pub struct RunDirectory {
    folder: RunFolder,
    /// Holds the lock, and keeps the folder's identity from being given to another folder.
    log: File,
}

/// The path of a run's folder, and what it led to when the folder was opened.
#[derive(Clone, Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    identity: FileIdentity,
}

impl RunFolder {
    fn open(path: PathBuf) -> Result<Self, DirectoryError> {
        let identity = FileIdentity::of(&path).map_err(|source| file_error(&path, source))?;
        Ok(Self { path, identity })
    }

    fn is_in_place(&self) -> bool {
        FileIdentity::of(&self.path).is_ok_and(|found| found == self.identity)
    }

    /// Writes a file of the run as a whole, in the folder that was opened and no other.
    ///
    /// # Errors
    /// [`DirectoryError::Moved`] if the path no longer leads there, [`DirectoryError::File`].
    pub(crate) fn write(&self, file: &str, contents: &[u8]) -> Result<(), DirectoryError> {
        let path = self.path.join(file);
        write_whole_if(&path, contents, || self.is_in_place()).map_err(|source| {
            if self.is_in_place() {
                file_error(&path, source)
            } else {
                DirectoryError::Moved(self.path.clone())
            }
        })
    }
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The folder is not empty.
    #[error(
        "{path}: the folder is not empty: name another --output, replace the run in it with \
         --overwrite, or continue it with --resume {path}",
        path = printable_path(.0)
    )]
    Exists(PathBuf),
    /// The folder to overwrite was not written by a training.
    #[error(
        "{path}: not written by a training ({MARKER} is missing), so --overwrite does not touch it: \
         name another --output",
        path = printable_path(.0)
    )]
    NotARun(PathBuf),
    /// The folder to resume has no config.
    #[error("{path}: there is no run to resume ({CONFIG} is missing)", path = printable_path(.0))]
    NothingToResume(PathBuf),
    /// The run to resume has results, but no checkpoint.
    #[error(
        "{path}: cannot resume: the run has results but no checkpoint, and resuming would train it \
         from the start; restore {path}/{CHECKPOINTS}, or train {path}/{CONFIG} into another --output",
        path = printable_path(.0)
    )]
    NoCheckpoint(PathBuf),
    /// Another training holds the lock.
    #[error(
        "{path}: another training is writing there: wait for it, or name another --output",
        path = printable_path(.0)
    )]
    InUse(PathBuf),
    /// The path no longer leads to the folder that the training opened.
    #[error(
        "{path}: the run's folder was moved, replaced or deleted while the training wrote to it: move \
         it back and continue it with --resume, or train again",
        path = printable_path(.0)
    )]
    Moved(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", printable_path(path))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl DirectoryError {
    /// Whether another command line would avoid the error.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::File { .. } | Self::InUse(_) | Self::Moved(_))
    }
}

impl RunDirectory {
    /// Makes the folder of a new run: `output`, or `artifacts/runs/NAME` with the first free number.
    /// With `overwrite`, the run in `output` is removed first.
    ///
    /// # Errors
    /// When the folder holds something else, another training writes there, or the disk refuses.
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
                // Another run that started at the same moment was faster.
                Err(DirectoryError::InUse(_)) if output.is_none() => {}
                Err(error) => return Err(error),
                Ok(run) => {
                    run.write(MARKER, MARKER_TEXT)?;
                    return Ok(run);
                }
            }
        }
        Err(DirectoryError::Exists(wanted))
    }

    /// The config of the run in `path`, if the run can be resumed. Changes nothing.
    ///
    /// # Errors
    /// When there is no run, or the run has results but no checkpoint.
    pub fn resumable_config(path: &Path) -> Result<PathBuf, DirectoryError> {
        let config = path.join(CONFIG);
        if !config.is_file() {
            return Err(DirectoryError::NothingToResume(path.to_owned()));
        }
        // A folder that cannot be read is reported when its checkpoint is.
        let has_checkpoint = !matches!(Checkpoint::newest(&path.join(CHECKPOINTS)), Ok(None));
        if !has_checkpoint && has_results(path) {
            return Err(DirectoryError::NoCheckpoint(path.to_owned()));
        }
        Ok(config)
    }

    /// Opens the folder of a run to resume.
    ///
    /// # Errors
    /// When another training writes there, or the disk refuses.
    pub fn resume(path: &Path) -> Result<Self, DirectoryError> {
        let run = Self::lock(path.to_owned())?;
        run.remove_temporary_files()?;
        Ok(run)
    }

    /// Removes files that a killed run had begun to write. The folder must be locked.
    fn remove_temporary_files(&self) -> Result<(), DirectoryError> {
        for folder in [self.path().to_owned(), self.path().join(PLOTS)] {
            for name in names(&folder)?.iter().filter(|name| name.starts_with(TEMPORARY_PREFIX)) {
                let path = folder.join(name);
                fs::remove_file(&path).map_err(|source| file_error(&path, source))?;
            }
        }
        Ok(())
    }

    /// Removes the files that an earlier run wrote, and no others.
    fn replace(path: PathBuf) -> Result<Self, DirectoryError> {
        if !path.join(MARKER).is_file() {
            return Err(DirectoryError::NotARun(path));
        }
        let run = Self::lock(path)?;
        // The config stays until the new one replaces it.
        for file in [WEIGHTS_FILE, CARD_FILE, METRICS, REPORT, PREDICTIONS, REPORT_PAGE] {
            remove_file(&run.path().join(file))?;
        }
        let plots = run.path().join(PLOTS);
        for file in PLOT_FILES {
            remove_file(&plots.join(file))?;
        }
        run.remove_event_files()?;
        let checkpoints = run.checkpoints();
        remove_checkpoints(&checkpoints).map_err(|source| file_error(&checkpoints, source))?;
        run.remove_temporary_files()?;
        remove_if_empty(&plots).map_err(|source| file_error(&plots, source))?;
        run.log.set_len(0).map_err(|source| file_error(&run.path().join(LOG), source))?;
        Ok(run)
    }

    fn remove_event_files(&self) -> Result<(), DirectoryError> {
        let tensorboard = self.tensorboard();
        for folder in event_files::FOLDERS.map(|folder| tensorboard.join(folder)) {
            for name in names(&folder)?.iter().filter(|name| name.starts_with(event_files::NAME)) {
                remove_file(&folder.join(name))?;
            }
            remove_if_empty(&folder).map_err(|source| file_error(&folder, source))?;
        }
        remove_if_empty(&tensorboard).map_err(|source| file_error(&tensorboard, source))
    }

    fn lock(path: PathBuf) -> Result<Self, DirectoryError> {
        let file = path.join(LOG);
        let log = open_in_place(&file, File::options().create(true).append(true))
            .map_err(|source| file_error(&file, source))?;
        for name in [PLOTS, CHECKPOINTS, TENSORBOARD] {
            let folder = path.join(name);
            refuse_link(&folder).map_err(|source| file_error(&folder, source))?;
        }
        match log.try_lock() {
            Ok(()) => Ok(Self { folder: RunFolder::open(path)?, log }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse(path)),
            Err(TryLockError::Error(source)) => Err(file_error(&file, source)),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder.path
    }

    /// Refuses to go on in a folder that was moved, replaced or deleted since it was opened: what
    /// is written then would lie in another folder.
    ///
    /// # Errors
    /// [`DirectoryError::Moved`] if it was.
    pub fn check_in_place(&self) -> Result<(), DirectoryError> {
        if self.folder.is_in_place() {
            Ok(())
        } else {
            Err(DirectoryError::Moved(self.path().to_owned()))
        }
    }

    /// SHA-256 of the stored config.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn config_sha256(&self) -> Result<String, DirectoryError> {
        let path = self.path().join(CONFIG);
        read_regular(&path, LARGEST_TEXT)
            .map(|text| sha256(&text))
            .map_err(|source| file_error(&path, source))
    }

    /// The folder for checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.path().join(CHECKPOINTS)
    }

    /// The folder for TensorBoard's event files.
    #[must_use]
    pub fn tensorboard(&self) -> PathBuf {
        self.path().join(TENSORBOARD)
    }

    /// A second handle on the log, for writing.
    ///
    /// # Errors
    /// When the system has no more file descriptors.
    pub fn log(&self) -> Result<File, DirectoryError> {
        self.log.try_clone().map_err(|source| file_error(&self.path().join(LOG), source))
    }

    /// Writes `config.toml`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_config(&self, text: &str) -> Result<(), DirectoryError> {
        self.write(CONFIG, text)
    }

    /// Writes `report.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_report(&self, text: &str) -> Result<(), DirectoryError> {
        self.write(REPORT, text)
    }

    fn write(&self, file: &str, text: &str) -> Result<(), DirectoryError> {
        self.folder.write(file, text.as_bytes())
    }

    /// The folder, to be written to elsewhere.
    pub(crate) fn folder(&self) -> RunFolder {
        self.folder.clone()
    }
}

/// Removes a file, if it exists.
fn remove_file(path: &Path) -> Result<(), DirectoryError> {
    ignore_missing(fs::remove_file(path)).map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: io::Error) -> DirectoryError {
    DirectoryError::File { path: path.to_owned(), source }
}

/// Whether `path` does not exist, or is a folder without anything that a run has finished: one
/// killed in its first moments leaves its marker, an empty log, perhaps a temporary file.
fn is_empty(path: &Path) -> Result<bool, DirectoryError> {
    let is_log = |name: &str| {
        name == LOG && fs::metadata(path.join(LOG)).is_ok_and(|metadata| metadata.len() == 0)
    };
    let names = names(path)?;
    Ok(names
        .iter()
        .all(|name| name.starts_with(TEMPORARY_PREFIX) || name == MARKER || is_log(name)))
}

/// Whether a run has complete epochs, or is no longer in its first one. Files that cannot be read
/// count as results.
fn has_results(path: &Path) -> bool {
    let has_epochs = read_history(path).map_or(true, |history| !history.is_empty());
    let is_starting = match run_status(path) {
        Some(status) => matches!(status, Status::Running | Status::Failed),
        // The report is written before the first step.
        None => !path.join(CARD_FILE).exists() && !path.join(REPORT).exists(),
    };
    has_epochs || !is_starting
}

/// The names in a folder; none if it does not exist.
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
        fs::create_dir_all(run.checkpoints().join("000000001-0")).unwrap();
        fs::create_dir_all(run.tensorboard().join("train")).unwrap();
        fs::create_dir(path.join(PLOTS)).unwrap();
        let theirs = ["metrics.csv", "plots/tsne.png", "tensorboard/train/events.out.tfevents.1"];
        let mine = ["notes.txt", "plots/mine.png", "checkpoints/best.pt", "tensorboard/mine"];
        for file in theirs.iter().chain(&mine) {
            fs::write(path.join(file), "contents").unwrap();
        }
        drop(run);
        let run = RunDirectory::create("x", Some(&path), true).unwrap();
        for file in theirs {
            assert!(!path.join(file).exists(), "{file}");
        }
        for file in mine {
            assert!(path.join(file).exists(), "{file}");
        }
        assert_eq!(fs::read_dir(run.checkpoints()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn nothing_is_written_or_removed_through_a_link() {
        use std::os::unix::fs::symlink;
        for (name, file) in [
            (LOG, ""),
            (PLOTS, "tsne.png"),
            (CHECKPOINTS, "000000001-0/network.bpk"),
            (TENSORBOARD, "train/events.out.tfevents.1"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let (path, mine) = (folder.path().join("run"), folder.path().join("mine"));
            drop(run_in(&path));
            let file = if file.is_empty() { mine.clone() } else { mine.join(file) };
            if name != LOG {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
            }
            fs::write(&file, "mine").unwrap();
            let _ = fs::remove_file(path.join(name));
            symlink(&mine, path.join(name)).unwrap();
            for result in
                [RunDirectory::create("x", Some(&path), true), RunDirectory::resume(&path)]
            {
                let message = result.unwrap_err().to_string();
                assert!(message.contains(name) && message.contains("symbolic link"), "{message}");
            }
            assert_eq!(fs::read_to_string(&file).unwrap(), "mine", "{name}");
        }
    }

    #[test]
    fn a_folder_that_was_moved_or_replaced_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, moved) = (folder.path().join("run"), folder.path().join("moved"));
        let run = run_in(&path);
        fs::rename(&path, &moved).unwrap();
        let is_moved = |result| matches!(result, Err(DirectoryError::Moved(_)));
        assert!(is_moved(run.write_report("{}")));
        fs::create_dir(&path).unwrap();
        assert!(is_moved(run.write_report("{}")));
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
        fs::remove_dir(&path).unwrap();
        fs::rename(&moved, &path).unwrap();
        assert!(run.write_report("{}").is_ok());
    }

    #[test]
    fn a_config_alone_makes_no_run() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CONFIG), "x").unwrap();
        let result = RunDirectory::create("x", Some(folder.path()), true);
        assert!(matches!(result, Err(DirectoryError::NotARun(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
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
        fs::write(folder.path().join(".glyph-tmp-half"), "half a config").unwrap();
        assert!(RunDirectory::create("x", Some(folder.path()), false).is_ok());
    }

    #[test]
    fn resuming_removes_temporary_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        drop(run_in(&path));
        fs::create_dir(path.join(PLOTS)).unwrap();
        for file in [".glyph-tmp-a", "plots/.glyph-tmp-b", "plots/f1_per_class.png", ".notes"] {
            fs::write(path.join(file), "").unwrap();
        }
        drop(RunDirectory::resume(&path).unwrap());
        for (file, stays) in [
            (".glyph-tmp-a", false),
            ("plots/.glyph-tmp-b", false),
            ("plots/f1_per_class.png", true),
            (".notes", true),
        ] {
            assert_eq!(path.join(file).exists(), stays, "{file}");
        }
    }

    #[test]
    fn resuming_needs_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let result = RunDirectory::resumable_config(folder.path());
        assert!(matches!(result, Err(DirectoryError::NothingToResume(_))));
    }

    #[test]
    fn a_run_with_results_needs_a_checkpoint_to_resume() {
        let metrics = "epoch,split,loss,accuracy,learning_rate,seconds,images_per_second\n\
                       1,train,0.5,0.5,0.1,1,1\n1,validation,0.5,0.5,0.1,1,1\n";
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[], true),
            (&[(REPORT, r#"{"status": "running"}"#), (CARD_FILE, "{}")], true),
            (&[(REPORT, r#"{"status": "failed"}"#)], true),
            (&[(REPORT, r#"{"status": "complete"}"#)], false),
            (&[(REPORT, r#"{"status": "running"}"#), (METRICS, metrics)], false),
            (&[(CARD_FILE, "{}")], false),
        ];
        for (files, resumable) in cases {
            let folder = tempfile::tempdir().unwrap();
            for (file, contents) in [&[(CONFIG, "")], files].concat() {
                fs::write(folder.path().join(file), contents).unwrap();
            }
            let result = RunDirectory::resumable_config(folder.path());
            assert_eq!(result.is_ok(), resumable, "{files:?}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files.len() + 1);
            let checkpoint = folder.path().join(CHECKPOINTS).join("000000001-1");
            fs::create_dir_all(checkpoint).unwrap();
            assert!(RunDirectory::resumable_config(folder.path()).is_ok(), "{files:?}");
        }
    }
}
