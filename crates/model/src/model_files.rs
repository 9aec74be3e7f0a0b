//! Where the files of a stored model are: in a folder, or built into the program.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use data::{LARGEST_FILE, LARGEST_TEXT, printable_path, read_regular};

/// Name of the card's file among a model's files.
pub const CARD_FILE: &str = "model.json";

/// Name of the weights' file among a model's files.
pub const WEIGHTS_FILE: &str = "model.bpk";

/// The files of a stored model, read when they are asked for.
///
/// ```
/// use model::ModelFiles;
///
/// let files = ModelFiles::in_folder("../../artifacts/cnn");
/// assert_eq!(files.name(), "cnn");
/// assert!(files.read("model.json").is_ok());
/// assert_eq!(files.describe("model.json"), "../../artifacts/cnn/model.json");
///
/// let files = ModelFiles::built_in("small", &[("model.json", b"{}")]);
/// assert_eq!(files.describe("model.json"), "model.json of the built-in model small");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFiles {
    name: Cow<'static, str>,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Folder(PathBuf),
    BuiltIn(&'static [(&'static str, &'static [u8])]),
}

impl ModelFiles {
    /// The files in `folder`, which names the model; nothing is read yet.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        Self { name: name.into(), place: Place::Folder(folder) }
    }

    /// Files built into the program, each with its name: at least [`CARD_FILE`] and
    /// [`WEIGHTS_FILE`]. A file in a subfolder has a name such as
    /// `plots/confusion_matrix.png`.
    #[must_use]
    pub const fn built_in(
        name: &'static str,
        files: &'static [(&'static str, &'static [u8])],
    ) -> Self {
        Self { name: Cow::Borrowed(name), place: Place::BuiltIn(files) }
    }

    /// The model's name: that of its folder, or of the built-in model.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder, unless the model is built into the program.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::BuiltIn(_) => None,
        }
    }

    /// The content of `file`.
    ///
    /// # Errors
    /// When it does not exist ([`io::ErrorKind::NotFound`]) or cannot be read.
    pub fn read(&self, file: &str) -> io::Result<Cow<'static, [u8]>> {
        match &self.place {
            Place::Folder(folder) => {
                let limit = if file == WEIGHTS_FILE { LARGEST_FILE } else { LARGEST_TEXT };
                read_regular(&folder.join(file), limit).map(Cow::Owned)
            }
            Place::BuiltIn(files) => {
                let found = files.iter().find(|(name, _)| *name == file);
                let (_, content) = found.ok_or_else(|| {
                    io::Error::new(io::ErrorKind::NotFound, "it is not in the program")
                })?;
                Ok(Cow::Borrowed(content))
            }
        }
    }

    /// How messages call `file`: by its path, or as a file of the built-in model.
    #[must_use]
    pub fn describe(&self, file: &str) -> String {
        match &self.place {
            Place::Folder(folder) => printable_path(&folder.join(file)),
            Place::BuiltIn(_) => format!("{file} of the built-in model {}", self.name),
        }
    }
}
