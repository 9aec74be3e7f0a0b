//! What a source is made of.

use std::path::Path;

use super::download::Download;
use super::loaded::LoadedDataset;
use crate::error::DataError;

/// A named data set, or a format that data sets come in: a value of `dataset.source`.
pub(crate) struct Source {
    /// The name in a config: lower case, words joined by hyphens.
    pub(crate) name: &'static str,
    /// Reads all images.
    pub(crate) load: fn(&mut Request) -> Result<LoadedDataset, DataError>,
    /// Whether every image is a single character in MNIST's form: light ink on black, centred.
    pub(crate) mnist_form: bool,
    /// Indices of test images whose published label is known to be wrong.
    pub(crate) label_errors: &'static [usize],
}

/// What a source is asked to load.
pub(crate) struct Request<'a> {
    /// The source's name.
    pub(crate) source: &'static str,
    /// `dataset.path`.
    pub(crate) folder: Option<&'a Path>,
    /// Number of classes, if `dataset.class_names` gives it.
    pub(crate) class_count: Option<usize>,
    /// Called with the progress of downloads.
    pub(crate) progress: &'a mut dyn FnMut(Download),
}

impl<'a> Request<'a> {
    /// The folder, for a source that reads one.
    ///
    /// # Errors
    ///
    /// [`DataError::PathMissing`] if the config has no `dataset.path`.
    pub(crate) fn require_folder(&self) -> Result<&'a Path, DataError> {
        self.folder.ok_or(DataError::PathMissing { source_name: self.source })
    }

    /// Checks that there is no folder, for a source that is built in.
    ///
    /// # Errors
    ///
    /// [`DataError::PathRefused`] if the config has a `dataset.path`.
    pub(crate) fn refuse_folder(&self) -> Result<(), DataError> {
        self.folder.map_or(Ok(()), |folder| {
            Err(DataError::PathRefused { source_name: self.source, path: folder.to_path_buf() })
        })
    }
}
