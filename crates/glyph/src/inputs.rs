//! The pictures that a user names: files, folders, the standard input.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data::{open_regular, printable, printable_path};
use ink::{PICTURE_EXTENSIONS, PixelLimit, has_picture_extension, read_bytes};
use terminal::print_error;

use crate::input_results::InputResults;

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    StandardInput,
}

impl Input {
    /// Its name in results, as the user or the file system has it.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::StandardInput => "-".to_owned(),
        }
    }

    /// Its name in messages.
    pub fn printable_name(&self) -> String {
        printable(&self.name()).into_owned()
    }

    /// The contents, up to what `limit` allows. Errors do not repeat the name.
    pub fn read(&self, limit: PixelLimit) -> io::Result<Vec<u8>> {
        match self {
            Self::File(path) => read_bytes(open_regular(path)?, limit),
            Self::StandardInput => read_bytes(io::stdin().lock(), limit),
        }
    }
}

/// A named file or folder that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}: no such file or folder")]
pub struct MissingInput(String);

/// The pictures in all files and folders `named`. Those that are missing or cannot be read are
/// reported, and counted in the results.
pub fn find_all_inputs(named: &[PathBuf]) -> (Vec<Input>, InputResults) {
    let mut inputs = Vec::new();
    let mut results = InputResults::default();
    for named in named {
        match find_inputs(named) {
            Ok(found) => inputs.extend(found),
            Err(error) => {
                print_error(&error);
                let is_missing = error.is::<MissingInput>();
                *(if is_missing { &mut results.missing } else { &mut results.failed }) += 1;
            }
        }
    }
    (inputs, results)
}

/// The pictures in a file, in a folder and its subfolders, or in the standard input (`-`), sorted by
/// name.
///
/// Hidden files and links to folders are skipped, so that no cycle is followed.
fn find_inputs(named: &Path) -> anyhow::Result<Vec<Input>> {
    if named == Path::new("-") {
        return Ok(vec![Input::StandardInput]);
    }
    let metadata = match fs::metadata(named) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!(MissingInput(printable_path(named)));
        }
        metadata => metadata.with_context(|| printable_path(named))?,
    };
    if !metadata.is_dir() {
        return Ok(vec![Input::File(named.to_path_buf())]);
    }
    let mut found = Vec::new();
    walk(named, &mut found)?;
    if found.is_empty() {
        let extensions = PICTURE_EXTENSIONS.join(", ");
        bail!(
            "{}: no pictures in this folder (files with the extensions {extensions})",
            printable_path(named)
        );
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<Input>) -> anyhow::Result<()> {
    let context = || printable_path(folder);
    let entries: io::Result<Vec<_>> = fs::read_dir(folder).with_context(context)?.collect();
    let mut entries = entries.with_context(context)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().with_context(context)?.is_dir() {
            walk(&path, found)?;
        } else if has_picture_extension(&path) && !path.is_dir() {
            found.push(Input::File(path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let inputs = find_inputs(folder).unwrap();
        let relative = |input: &Input| match input {
            Input::File(path) => path.strip_prefix(folder).unwrap().display().to_string(),
            Input::StandardInput => input.name(),
        };
        inputs.iter().map(relative).collect()
    }

    #[test]
    fn folders_are_walked_in_the_order_of_names() {
        let place = tempfile::tempdir().unwrap();
        for file in ["b.PNG", "a/z.jpg", "a/y.webp", "notes.txt", ".hidden.png", "c.tiff"] {
            let path = place.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, []).unwrap();
        }
        assert_eq!(names(place.path()), ["a/y.webp", "a/z.jpg", "b.PNG", "c.tiff"]);
    }

    #[test]
    #[cfg(unix)]
    fn links_to_folders_are_skipped_and_dangling_links_are_not() {
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(place.path(), place.path().join("cycle.png")).unwrap();
        std::os::unix::fs::symlink("nowhere", place.path().join("gone.png")).unwrap();
        assert_eq!(names(place.path()), ["gone.png"]);
    }

    #[test]
    fn a_folder_without_pictures_and_a_missing_file_are_errors() {
        let place = tempfile::tempdir().unwrap();
        let empty = find_inputs(place.path()).unwrap_err().to_string();
        assert!(empty.contains("no pictures") && empty.contains("png"), "{empty}");
        let missing = place.path().join("seven.png");
        let error = format!("{:#}", find_inputs(&missing).unwrap_err());
        assert!(error.contains("seven.png"), "{error}");
    }
}
