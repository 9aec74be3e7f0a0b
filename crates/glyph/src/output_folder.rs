//! A folder for pictures that are made from the input pictures.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;

/// A folder in which every picture has a unique name.
pub struct OutputFolder {
    folder: PathBuf,
    /// How often each name was used: pictures of two folders may have the same name.
    used: Mutex<HashMap<String, usize>>,
}

impl OutputFolder {
    /// Makes the folder.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder: folder.to_path_buf(), used: Mutex::default() })
    }

    /// The path, without extension, for a picture made from `picture`: its file name, followed by a
    /// number if the name is taken.
    pub fn place_for(&self, picture: &str) -> PathBuf {
        let stem = Path::new(picture).file_stem().unwrap_or_default();
        let stem = stem.to_string_lossy().into_owned();
        let stem = if stem == "-" { "stdin".to_owned() } else { stem };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let count = used.entry(stem.clone()).or_default();
        *count += 1;
        self.folder.join(if *count == 1 { stem } else { format!("{stem}-{count}") })
    }
}
