//! The picture files of a data set, before any is read.

use std::path::PathBuf;

use super::left_out::LeftOut;
use crate::source::split_name::SplitName;
use crate::targets::Label;

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
    pub(super) label: Label,
    pub(super) split: SplitName,
}
