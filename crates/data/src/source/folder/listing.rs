//! The picture files of a data set, before any is read.

use std::path::PathBuf;

use super::left_out::LeftOut;

/// The files, their classes and their splits.
pub(super) struct Listing {
    /// At least one.
    pub(super) files: Vec<PictureFile>,
    pub(super) class_names: Vec<String>,
    pub(super) left_out: LeftOut,
}

/// A picture file.
pub(super) struct PictureFile {
    pub(super) path: PathBuf,
    /// Its path relative to the data set's folder, with `/` between folders.
    pub(super) name: String,
    pub(super) label: u16,
    pub(super) split: SplitName,
}

/// A split, as a layout names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SplitName {
    Train,
    Validation,
    Test,
}

impl SplitName {
    /// All splits.
    pub(super) const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The names that folders and labels have for it, the usual one first.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Train => &["train", "training"],
            Self::Validation => &["val", "valid", "validation"],
            Self::Test => &["test", "testing"],
        }
    }

    /// The split that is called `name`, in any case.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.into_iter().find(|split| split.names().contains(&name.as_str()))
    }
}
