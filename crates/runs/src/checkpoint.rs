//! Checkpoints: everything a run needs to resume, in a folder that appears as a whole.
//!
//! `checkpoints/STEP-EPOCHS/` holds the records of the network, the optimizer and the schedule after
//! STEP steps and EPOCHS complete epochs, `state.json`, and the checksums of these files. The folder
//! is written under a temporary name and renamed, so a folder with such a name is complete. Older
//! checkpoints are removed afterwards.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data::{LARGEST_FILE, LARGEST_TEXT, printable_path, read_regular, refuse_link, sha256};

use crate::state::{RunLength, RunState};
use crate::write::make_folder;

/// The files of the network's, the optimizer's and the schedule's record.
pub const RECORDS: [&str; 3] = ["network.bpk", "optimizer.bpk", "schedule.bpk"];

const STATE: &str = "state.json";
/// The SHA-256 of every other file, in the format of `sha256sum`.
const CHECKSUMS: &str = "SHA256SUMS";
const TEMPORARY: &str = ".unfinished";

/// A complete checkpoint.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    path: PathBuf,
    progress: Progress,
}

impl Checkpoint {
    /// The newest checkpoint in `folder`; `None` if there is none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn newest(folder: &Path) -> anyhow::Result<Option<Self>> {
        let found = list(folder).with_context(|| printable_path(folder))?;
        Ok(found.into_iter().max_by_key(|checkpoint| checkpoint.progress))
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The progress of `run`.
    ///
    /// # Errors
    /// When the file is damaged, the checkpoint was written under another config, or `run` cannot
    /// have this progress.
    pub fn state(&self, run: &RunLength) -> anyhow::Result<RunState> {
        let state = RunState::parse(&self.read(STATE)?, run).context(STATE)?;
        let progress = Progress::of(&state);
        if progress != self.progress {
            bail!("{STATE} is of {progress}, and not of {}", self.progress);
        }
        Ok(state)
    }

    /// The contents of `file`, one of [`RECORDS`].
    ///
    /// # Errors
    /// When the file cannot be read, or its checksum differs from the one written with it.
    pub fn read(&self, file: &str) -> anyhow::Result<Vec<u8>> {
        let bytes =
            read_regular(&self.path.join(file), LARGEST_FILE).with_context(|| file.to_owned())?;
        let checksums =
            read_regular(&self.path.join(CHECKSUMS), LARGEST_TEXT).context(CHECKSUMS)?;
        let line = checksum_line(file, &bytes);
        let line = line.trim_end().as_bytes();
        if !checksums.split(|byte| *byte == b'\n').any(|known| known == line) {
            bail!("{file} is damaged: its SHA-256 is not the one in {CHECKSUMS}");
        }
        Ok(bytes)
    }
}

/// Writes a checkpoint of `state` and `records` (file name and contents) into `folder`, and removes
/// older checkpoints.
///
/// # Errors
/// When a file cannot be written; older checkpoints are then still there.
pub fn write_checkpoint(
    folder: &Path,
    state: &RunState,
    records: Vec<(&'static str, Vec<u8>)>,
) -> anyhow::Result<()> {
    let progress = Progress::of(state);
    let target = folder.join(progress.to_string());
    // A run that stops where it was resumed has made no progress.
    if !target.exists() || holds_others_only(&target)? {
        write_new(folder, &target, state, records)
            .with_context(|| format!("{}: cannot write the checkpoint", printable_path(&target)))?;
    }
    let found = list(folder).with_context(|| printable_path(folder))?;
    for older in found.into_iter().filter(|found| found.progress < progress) {
        remove_checkpoint(&older.path)?;
    }
    Ok(())
}

fn write_new(
    folder: &Path,
    target: &Path,
    state: &RunState,
    records: Vec<(&'static str, Vec<u8>)>,
) -> anyhow::Result<()> {
    let mut files = vec![(STATE, serde_json::to_vec_pretty(state)?)];
    files.extend(records);
    let checksums: String = files.iter().map(|(file, bytes)| checksum_line(file, bytes)).collect();
    files.push((CHECKSUMS, checksums.into_bytes()));
    let temporary = folder.join(TEMPORARY);
    let written = write_folder(&temporary, &files)
        .and_then(|()| fs::rename(&temporary, target))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        // An unfinished checkpoint takes room on a disk that may be full.
        let _ = remove_checkpoint(&temporary);
    }
    Ok(written?)
}

/// Removes the checkpoints in `folder`, and the folder if nothing else is in it.
///
/// # Errors
/// When a file cannot be removed.
pub(crate) fn remove_checkpoints(folder: &Path) -> io::Result<()> {
    for checkpoint in list(folder)? {
        remove_checkpoint(&checkpoint.path)?;
    }
    remove_checkpoint(&folder.join(TEMPORARY))?;
    remove_if_empty(folder)
}

/// The files of a checkpoint.
fn own_files() -> impl Iterator<Item = &'static str> {
    RECORDS.into_iter().chain([STATE, CHECKSUMS])
}

/// Removes the files of a checkpoint, and its folder if nothing else is in it.
fn remove_checkpoint(checkpoint: &Path) -> io::Result<()> {
    refuse_link(checkpoint)?;
    for file in own_files() {
        ignore_missing(fs::remove_file(checkpoint.join(file)))?;
    }
    remove_if_empty(checkpoint)
}

/// Removes a folder that is empty; one that is not, or does not exist, stays as it is.
pub(crate) fn remove_if_empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        result => ignore_missing(result),
    }
}

/// The same result, but success where there was nothing to remove.
pub(crate) fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn checksum_line(file: &str, bytes: &[u8]) -> String {
    format!("{}  {file}\n", sha256(bytes))
}

fn write_folder(folder: &Path, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
    // A killed run may have left one behind.
    remove_checkpoint(folder)?;
    // The run's own folder is never made here: it may have been moved away.
    if let Some(checkpoints) = folder.parent() {
        make_folder(checkpoints)?;
    }
    fs::create_dir(folder)?;
    for (name, bytes) in files {
        let mut file = File::create_new(folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    Ok(())
}

/// How far a checkpoint is: the name of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Progress {
    step: u64,
    epochs: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:09}-{}", self.step, self.epochs)
    }
}

impl Progress {
    fn of(state: &RunState) -> Self {
        Self { step: state.step, epochs: state.history.len() }
    }

    fn parse(name: &str) -> Option<Self> {
        let (step, epochs) = name.split_once('-')?;
        let progress = Self { step: step.parse().ok()?, epochs: epochs.parse().ok()? };
        // Others may have folders with names such as 2026-07.
        (progress.to_string() == name).then_some(progress)
    }
}

/// The complete checkpoints in `folder`.
fn list(folder: &Path) -> io::Result<Vec<Checkpoint>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some(progress) = entry.file_name().to_str().and_then(Progress::parse) else { continue };
        let path = entry.path();
        if entry.file_type()?.is_dir() && !holds_others_only(&path)? {
            found.push(Checkpoint { path, progress });
        }
    }
    Ok(found)
}

/// Whether a removed checkpoint's folder is still there because others have put files into it.
fn holds_others_only(folder: &Path) -> io::Result<bool> {
    let has_own = own_files().any(|file| fs::symlink_metadata(folder.join(file)).is_ok());
    Ok(!has_own && fs::read_dir(folder)?.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, step: u64) -> anyhow::Result<()> {
        let records = RECORDS.map(|file| (file, step.to_le_bytes().to_vec()));
        let state = RunState { step, batch: step as usize, ..RunState::default() };
        write_checkpoint(folder, &state, records.into())
    }

    #[test]
    fn the_newest_checkpoint_replaces_older_ones() {
        let folder = tempfile::tempdir().unwrap();
        for step in [5, 20, 100] {
            write(folder.path(), step).unwrap();
        }
        let found = list(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].progress, Progress { step: 100, epochs: 0 });
        assert_eq!(fs::read_dir(&found[0].path).unwrap().count(), 5);
    }

    #[test]
    fn one_flipped_bit_is_refused_by_the_files_name() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        let checkpoint = Checkpoint::newest(folder.path()).unwrap().unwrap();
        for file in RECORDS.into_iter().chain([STATE]) {
            let path = checkpoint.path.join(file);
            let whole = fs::read(&path).unwrap();
            assert_eq!(checkpoint.read(file).unwrap(), whole);
            let bits = 8 * whole.len();
            for bit in (0..bits).step_by((bits / 250).max(1)) {
                let mut damaged = whole.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &damaged).unwrap();
                let error = checkpoint.read(file).unwrap_err().to_string();
                assert!(error.starts_with(file), "bit {bit}: {error}");
            }
        }
    }

    #[test]
    fn a_checkpoint_of_another_config_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        let checkpoint = Checkpoint::newest(folder.path()).unwrap().unwrap();
        let run =
            |config: &str| RunLength { config_sha256: config.to_owned(), epochs: 1, batches: 10 };
        assert_eq!(checkpoint.state(&run("")).unwrap().step, 5);
        let error = format!("{:#}", checkpoint.state(&run("other")).unwrap_err());
        assert!(error.contains("edited"), "{error}");
    }

    #[test]
    fn a_state_of_another_step_than_its_folders_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        fs::rename(folder.path().join("000000005-0"), folder.path().join("000000006-0")).unwrap();
        let checkpoint = Checkpoint::newest(folder.path()).unwrap().unwrap();
        let run = RunLength { config_sha256: String::new(), epochs: 1, batches: 10 };
        let error = checkpoint.state(&run).unwrap_err().to_string();
        assert_eq!(error, "state.json is of 000000005-0, and not of 000000006-0");
    }

    #[test]
    fn a_half_written_checkpoint_is_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        fs::create_dir(folder.path().join(TEMPORARY)).unwrap();
        assert_eq!(list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_leaves_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        // A file where the temporary folder should be made.
        fs::write(folder.path().join(TEMPORARY), "in the way").unwrap();
        assert!(write(folder.path(), 9).is_err());
        assert_eq!(list(folder.path()).unwrap()[0].progress.step, 5);
    }

    #[test]
    fn the_same_progress_again_leaves_its_checkpoint_alone() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        let file = list(folder.path()).unwrap()[0].path.join(RECORDS[0]);
        let before = file.metadata().unwrap().modified().unwrap();
        write(folder.path(), 5).unwrap();
        assert_eq!(file.metadata().unwrap().modified().unwrap(), before);
    }

    #[test]
    fn removing_checkpoints_spares_the_files_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = folder.path().join("checkpoints");
        write(&checkpoints, 5).unwrap();
        fs::write(checkpoints.join("best.pt"), "mine").unwrap();
        remove_checkpoints(&checkpoints).unwrap();
        let left: Vec<_> =
            fs::read_dir(&checkpoints).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["best.pt"]);
        fs::remove_file(checkpoints.join("best.pt")).unwrap();
        remove_checkpoints(&checkpoints).unwrap();
        assert!(!checkpoints.exists());
    }

    #[test]
    fn a_newer_checkpoint_spares_the_files_of_others() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5).unwrap();
        let mine = ["000000005-0/notes.txt", "2026-07/weights", "4-0/state.json"];
        for file in mine {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "mine").unwrap();
        }
        write(folder.path(), 9).unwrap();
        for file in mine {
            assert!(folder.path().join(file).exists(), "{file}");
        }
        assert_eq!(fs::read_dir(folder.path().join("000000005-0")).unwrap().count(), 1);
        let newest = Checkpoint::newest(folder.path()).unwrap().unwrap();
        assert_eq!(newest.progress.step, 9);
        assert_eq!(list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_checkpoint_never_makes_the_folder_of_its_run() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&folder.path().join("moved/checkpoints"), 5).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
