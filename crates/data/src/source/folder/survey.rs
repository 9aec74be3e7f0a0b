//! What the pictures of a folder are like, before anything is chosen for them.
//!
//! Every file is decoded once, and none of its pixels is kept: memory does not grow with the
//! pictures' sizes.

mod measure;
mod summary;

use rayon::prelude::*;

use self::measure::{MeasuredPicture, measure};
pub use self::summary::{ClassSize, PictureSize, Sizes, SplitSizes, Survey, UnreadablePicture};
use super::decode::read_picture;
use super::list;
use super::listing::PictureFile;
use crate::error::{DataError, UnreadableFile};
use crate::image_set::MOST_CLASSES;
use crate::source::DatasetConfig;

impl Survey {
    /// Decodes all pictures of the folder of `config`, whose source is "folder", and measures them.
    ///
    /// # Errors
    ///
    /// [`DataError::PathMissing`] without a folder, the errors of its layout or its file of labels,
    /// and [`DataError::Unreadable`] if no picture can be read.
    pub fn of(config: &DatasetConfig) -> Result<Self, DataError> {
        let folder = config.path.as_deref();
        let folder =
            folder.ok_or(DataError::PathMissing { source_name: config.source.as_str() })?;
        let names = config.class_names.as_ref();
        let names = names.map(|names| names.read(Some(folder))).transpose()?;
        let listing = list(folder, config.labels.as_ref(), names.as_deref())?;
        if listing.class_names.len() > MOST_CLASSES {
            return Err(DataError::ClassCount { found: listing.class_names.len() });
        }
        let measured: Vec<Result<MeasuredPicture, String>> =
            listing.files.par_iter().map(measure_file).collect();
        if measured.iter().all(Result::is_err) {
            let failed = listing.files.into_iter().zip(measured);
            let files = failed.filter_map(|(file, result)| {
                Some(UnreadableFile { path: file.path, problem: result.err()? })
            });
            return Err(DataError::Unreadable { files: files.collect() });
        }
        Self::summarize(&listing, &measured)
    }
}

fn measure_file(file: &PictureFile) -> Result<MeasuredPicture, String> {
    let bytes = read_picture(file).map_err(|error| match error {
        DataError::Read { source, .. } => source.to_string(),
        other => other.to_string(),
    })?;
    measure(&bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
