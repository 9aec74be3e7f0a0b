//! Sparing what a command reads: no command ever writes over it.

use std::fs;
use std::path::{Path, PathBuf};

use data::{FileIdentity, printable_path};

use crate::inputs::Input;

/// The files and folders that a command reads.
pub struct ReadFrom {
    files: Vec<FileIdentity>,
    folders: Vec<Folder>,
}

/// A folder in which no file that exists is replaced.
struct Folder {
    /// Resolved, without links.
    path: PathBuf,
    with_subfolders: bool,
}

/// A file that a command would replace, although it reads it or lies beside what it reads.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: exists where this command reads from, and no command writes over its input: name another \
     folder for the results",
    printable_path(.0)
)]
pub struct WouldOverwrite(PathBuf);

impl ReadFrom {
    /// Pictures: they and all files beside them are spared, so that annotating `page.jpg` does not
    /// replace a `page.png` of the user.
    pub fn pictures(inputs: &[Input]) -> Self {
        let paths = inputs.iter().filter_map(|input| match input {
            Input::File(path) => Some(path),
            Input::StandardInput => None,
        });
        let mut folders: Vec<PathBuf> = paths.clone().filter_map(|path| parent(path)).collect();
        folders.sort();
        folders.dedup();
        let folder = |path| Folder { path, with_subfolders: false };
        Self {
            files: paths.filter_map(|path| FileIdentity::of(path).ok()).collect(),
            folders: folders.into_iter().map(folder).collect(),
        }
    }

    /// Files, and folders with everything in them: data sets, configs, models, runs. One that does
    /// not exist is reported by what reads it.
    pub fn paths<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut spared = Self { files: Vec::new(), folders: Vec::new() };
        for path in paths {
            spared.files.extend(FileIdentity::of(path).ok());
            let resolved = fs::canonicalize(path).ok().filter(|path| path.is_dir());
            let folder = |path| Folder { path, with_subfolders: true };
            spared.folders.extend(resolved.map(folder));
        }
        spared
    }

    /// Refuses to write `target` if it exists and is read, or lies where the command reads from.
    pub fn spare(&self, target: &Path) -> Result<(), WouldOverwrite> {
        if fs::symlink_metadata(target).is_err() {
            return Ok(());
        }
        let is_read = FileIdentity::of(target).is_ok_and(|found| self.files.contains(&found));
        let lies_in = |parent: PathBuf| self.folders.iter().any(|folder| folder.holds(&parent));
        if is_read || parent(target).is_some_and(lies_in) {
            return Err(WouldOverwrite(target.to_path_buf()));
        }
        Ok(())
    }
}

impl Folder {
    fn holds(&self, folder: &Path) -> bool {
        if self.with_subfolders { folder.starts_with(&self.path) } else { folder == self.path }
    }
}

/// The resolved folder that a file lies in.
fn parent(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    fs::canonicalize(parent).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_what_lies_beside_them_are_spared() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        fs::create_dir_all(path("pages/boxes")).unwrap();
        for name in ["pages/a.jpg", "pages/a.png", "pages/boxes/a.png", "elsewhere.png"] {
            fs::write(path(name), name).unwrap();
        }
        fs::hard_link(path("pages/a.jpg"), path("again.png")).unwrap();
        let read = ReadFrom::pictures(&[Input::File(path("pages/a.jpg")), Input::StandardInput]);
        for refused in ["pages/a.jpg", "pages/./a.png", "pages/boxes/../a.png", "again.png"] {
            assert!(read.spare(&path(refused)).is_err(), "{refused}");
        }
        for allowed in ["pages/b.png", "pages/boxes/a.png", "elsewhere.png", "absent/a.png"] {
            assert!(read.spare(&path(allowed)).is_ok(), "{allowed}");
        }
    }

    #[test]
    fn a_data_set_is_spared_with_its_subfolders_and_a_config_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        fs::create_dir_all(path("data/train/cat")).unwrap();
        for name in ["data/train/cat/samples.png", "config.toml", "samples.png"] {
            fs::write(path(name), name).unwrap();
        }
        let (data, config, absent) = (path("data"), path("config.toml"), path("absent"));
        let read = ReadFrom::paths([data.as_path(), &config, &absent]);
        for refused in ["data/train/cat/samples.png", "config.toml"] {
            assert!(read.spare(&path(refused)).is_err(), "{refused}");
        }
        for allowed in ["data/train/cat/augmented.png", "samples.png"] {
            assert!(read.spare(&path(allowed)).is_ok(), "{allowed}");
        }
    }
}
