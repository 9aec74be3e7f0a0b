//! What a source is made of.

use std::path::{Path, PathBuf};

use super::download::Download;
use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::preparation::{InputConfig, Preparation, PreparationKind};
use crate::split_size::SplitSize;

/// A named data set, or a format that data sets come in: a value of `dataset.source`.
pub(crate) struct Source {
    /// The name in a config: lower case, words joined by hyphens.
    pub(crate) name: &'static str,
    /// Reads all images.
    pub(crate) load: fn(&mut Request) -> Result<LoadedDataset, DataError>,
    /// Whether every image is a single character in MNIST's form: light ink on black, centred.
    pub(crate) mnist_form: bool,
    /// Whether it reads picture files, which `[input]` turns into images.
    pub(crate) reads_pictures: bool,
    /// Indices of test images whose published label is known to be wrong.
    pub(crate) label_errors: &'static [usize],
    /// The keys of `[dataset]` that not all sources have and this one has.
    pub(crate) keys: &'static [&'static str],
}

/// What a source is asked to load.
pub(crate) struct Request<'a> {
    /// The source's name.
    pub(crate) source: &'static str,
    /// `dataset.path`.
    pub(crate) path: Option<&'a Path>,
    /// Names of the classes, if `dataset.class_names` gives them.
    pub(crate) class_names: Option<Vec<String>>,
    /// `[input]`.
    pub(crate) input: &'a InputConfig,
    /// Whether the source's images are in MNIST's form.
    pub(crate) mnist_form: bool,
    /// Keys that only some sources have.
    pub(crate) options: SourceOptions<'a>,
    /// Seeds the splits.
    pub(crate) seed: u64,
    /// Called with the progress of downloads.
    pub(crate) progress: &'a mut dyn FnMut(Download),
}

/// Keys of `[dataset]` that only some sources have.
pub(crate) struct SourceOptions<'a> {
    /// `dataset.labels`, relative to the folder.
    pub(crate) labels: Option<&'a PathBuf>,
    /// `dataset.test`.
    pub(crate) test: Option<SplitSize>,
    /// `dataset.skip_unreadable`.
    pub(crate) skip_unreadable: bool,
    /// `dataset.transpose`.
    pub(crate) transpose: Option<bool>,
    /// `dataset.in_memory`.
    pub(crate) in_memory: bool,
}

impl Default for SourceOptions<'_> {
    fn default() -> Self {
        Self { labels: None, test: None, skip_unreadable: false, transpose: None, in_memory: true }
    }
}

impl SourceOptions<'_> {
    /// Refuses a key that `source` does not have.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`], which names the key.
    pub(crate) fn check(&self, source: &Source) -> Result<(), DataError> {
        let given = [
            ("dataset.labels", self.labels.is_some()),
            ("dataset.test", self.test.is_some()),
            ("dataset.skip_unreadable", self.skip_unreadable),
            ("dataset.transpose", self.transpose.is_some()),
            ("dataset.in_memory", !self.in_memory),
        ];
        let refused = given.into_iter().find(|(key, is_given)| {
            *is_given
                && !source.keys.iter().any(|known| key.strip_prefix("dataset.") == Some(known))
        });
        refused.map_or(Ok(()), |(key, _)| {
            Err(DataError::Setting {
                key,
                value: String::from("set"),
                expected: format!(
                    "it to be absent: the source \"{}\" does not have it",
                    source.name
                ),
            })
        })
    }
}

impl<'a> Request<'a> {
    /// A request of a config that has no keys but `dataset.source` and `dataset.path`.
    #[cfg(test)]
    pub(crate) fn in_test(source: &'static str, path: Option<&'a Path>) -> Self {
        Self {
            source,
            path,
            class_names: None,
            input: Box::leak(Box::default()),
            mnist_form: false,
            options: SourceOptions::default(),
            seed: 42,
            progress: Box::leak(Box::new(|_| panic!("downloaded"))),
        }
    }

    /// The folder or file, for a source that reads one.
    ///
    /// # Errors
    ///
    /// [`DataError::PathMissing`] if the config has no `dataset.path`.
    pub(crate) fn require_path(&self) -> Result<&'a Path, DataError> {
        self.path.ok_or(DataError::PathMissing { source_name: self.source })
    }

    /// Checks that there is no folder, for a source that is built in.
    ///
    /// # Errors
    ///
    /// [`DataError::PathRefused`] if the config has a `dataset.path`.
    pub(crate) fn refuse_path(&self) -> Result<(), DataError> {
        self.path.map_or(Ok(()), |path| {
            Err(DataError::PathRefused { source_name: self.source, path: path.to_path_buf() })
        })
    }

    /// How pictures become images, as `[input]` says.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] for a wrong key.
    pub(crate) fn preparation(&self) -> Result<Preparation, DataError> {
        self.input.preparation(if self.mnist_form {
            PreparationKind::Ink
        } else {
            PreparationKind::Picture
        })
    }

    /// Number of classes, if `dataset.class_names` gives them.
    pub(crate) fn class_count(&self) -> Option<usize> {
        self.class_names.as_ref().map(Vec::len)
    }
}
