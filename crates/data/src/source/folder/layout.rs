//! Class folders, alone or in folders of splits.

use std::fs;
use std::path::{Path, PathBuf};

use super::left_out::{LeftOut, Reason};
use super::listing::{Listing, PictureFile};
use crate::error::DataError;
use crate::files::utf8_name;
use crate::printable::printable_path;
use crate::source::split_name::SplitName;
use crate::targets::Label;

/// The config that a folder of pictures may have.
pub const FOLDER_CONFIG: &str = "glyph.toml";
/// Files in a folder of pictures that are known, and so not left out: its config, and the schema that
/// editors check it by.
const KNOWN_FILES: [&str; 2] = [FOLDER_CONFIG, "glyph.schema.json"];
/// Marks a folder that a training wrote: its pictures are charts.
pub const RUN_MARKER: &str = ".glyph-run";

/// The pictures below `folder`, in the order of their names; the classes are the class folders that
/// have training pictures.
///
/// # Errors
///
/// [`DataError::NoPictures`], [`DataError::SplitAmbiguous`], [`DataError::UnknownClass`] for a class
/// without training pictures, [`DataError::NotUtf8`] and [`DataError::Read`].
pub(super) fn list_class_folders(folder: &Path) -> Result<Listing, DataError> {
    let mut left_out = LeftOut::default();
    let split_folders = split_folders(folder)?;
    let has_splits = split_folders.iter().any(|(split, _)| *split == SplitName::Train);
    let roots = if has_splits {
        list_others(folder, &split_folders, &mut left_out)?;
        split_folders
    } else {
        vec![(SplitName::Train, folder.to_path_buf())]
    };
    let mut found = Vec::new();
    for (split, root) in &roots {
        for class in class_folders(root, &mut left_out)? {
            let class_name = utf8_name(&class)?;
            let mut files = Vec::new();
            walk(&class, &mut files, &mut left_out)?;
            if files.is_empty() {
                left_out.add(Reason::EmptyFolder, relative(folder, &class)?);
            }
            found.extend(files.into_iter().map(|file| (*split, class_name.clone(), file)));
        }
    }
    let mut class_names: Vec<String> = found
        .iter()
        .filter(|(split, ..)| *split == SplitName::Train)
        .map(|(_, class, _)| class.clone())
        .collect();
    class_names.sort();
    class_names.dedup();
    if class_names.is_empty() {
        return Err(DataError::NoPictures { folder: roots[0].1.clone() });
    }
    let file = |(split, class, path): (SplitName, String, PathBuf)| {
        let Ok(label) = class_names.binary_search(&class) else {
            let place = path.parent().unwrap_or(&path).display().to_string();
            return Err(DataError::UnknownClass { place, class });
        };
        let name = relative(folder, &path)?;
        let label = Label::Class(label.min(usize::from(u16::MAX)) as u16);
        Ok(PictureFile { path, name, label, split })
    };
    let files = found.into_iter().map(file).collect::<Result<_, _>>()?;
    Ok(Listing { files, class_names, left_out })
}

/// The folders of splits, if the folder of the training split has folders that hold pictures;
/// otherwise `train` is a class like any other.
fn split_folders(folder: &Path) -> Result<Vec<(SplitName, PathBuf)>, DataError> {
    let mut folders: Vec<(SplitName, PathBuf)> = Vec::new();
    for path in subfolders(folder)? {
        let Some(split) = path.file_name().and_then(|name| SplitName::of(&name.to_string_lossy()))
        else {
            continue;
        };
        if let Some((_, first)) = folders.iter().find(|(other, _)| *other == split) {
            let (first, second) = (first.clone(), path);
            return Err(DataError::SplitAmbiguous { first, second, split: split.names()[0] });
        }
        folders.push((split, path));
    }
    folders.sort_by_key(|(split, _)| *split as u8);
    let train = folders.first().filter(|(split, _)| *split == SplitName::Train);
    let has_classes = match train {
        Some((_, train)) => !subfolders(train)?.is_empty(),
        None => false,
    };
    Ok(if has_classes { folders } else { Vec::new() })
}

/// Counts what is beside the folders of splits.
fn list_others(
    folder: &Path,
    splits: &[(SplitName, PathBuf)],
    left_out: &mut LeftOut,
) -> Result<(), DataError> {
    for class in class_folders(folder, left_out)? {
        if splits.iter().all(|(_, split)| *split != class) {
            let mut files = Vec::new();
            walk(&class, &mut files, left_out)?;
            for file in files {
                left_out.add(Reason::OutsideClasses, relative(folder, &file)?);
            }
        }
    }
    Ok(())
}

/// The class folders of a folder; other entries are counted.
fn class_folders(folder: &Path, left_out: &mut LeftOut) -> Result<Vec<PathBuf>, DataError> {
    let mut folders = Vec::new();
    for path in entries(folder)? {
        if is_hidden(&path) {
            left_out.add(Reason::Hidden, relative_lossy(folder, &path));
        } else if is_run(&path) {
            left_out.add(Reason::Run, relative_lossy(folder, &path));
        } else if path.is_dir() {
            folders.push(path);
        } else if KNOWN_FILES.iter().any(|name| path.ends_with(name)) {
            // Neither a picture nor forgotten.
        } else if ink::has_picture_extension(&path) {
            left_out.add(Reason::OutsideClasses, relative_lossy(folder, &path));
        } else {
            left_out.add(Reason::OtherFormat, relative_lossy(folder, &path));
        }
    }
    Ok(folders)
}

/// Adds all pictures in a folder and its folders to `files`.
pub(super) fn walk(
    folder: &Path,
    files: &mut Vec<PathBuf>,
    left_out: &mut LeftOut,
) -> Result<(), DataError> {
    for path in entries(folder)? {
        if is_hidden(&path) {
            left_out.add(Reason::Hidden, relative_lossy(folder, &path));
        } else if is_run(&path) {
            left_out.add(Reason::Run, relative_lossy(folder, &path));
        } else if path.is_dir() {
            if path.is_symlink() {
                left_out.add(Reason::FolderLink, relative_lossy(folder, &path));
            } else {
                walk(&path, files, left_out)?;
            }
        } else if ink::has_picture_extension(&path) {
            files.push(path);
        } else {
            left_out.add(Reason::OtherFormat, relative_lossy(folder, &path));
        }
    }
    Ok(())
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let is_folder = |path: &PathBuf| path.is_dir() && !is_hidden(path);
    Ok(entries(folder)?.into_iter().filter(is_folder).collect())
}

/// The paths in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let refuse = |source| DataError::Read { path: folder.to_path_buf(), source };
    let entries = fs::read_dir(folder).map_err(refuse)?;
    let paths: Result<Vec<PathBuf>, _> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(refuse)?;
    paths.sort();
    Ok(paths)
}

/// Whether a training wrote the folder.
fn is_run(path: &Path) -> bool {
    path.join(RUN_MARKER).is_file()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The path below `folder`, with `/` between folders.
pub(super) fn relative(folder: &Path, path: &Path) -> Result<String, DataError> {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let parts = parts.ok_or_else(|| DataError::NotUtf8 { path: path.to_path_buf() })?;
    Ok(parts.join("/"))
}

fn relative_lossy(folder: &Path, path: &Path) -> String {
    printable_path(path.strip_prefix(folder).unwrap_or(path))
}
