//! The source `folder`: picture files that a user brings, in any of these layouts.
//!
//! - `CLASS/*`: all pictures, of which a test split is divided off;
//! - `train/CLASS/*`, and if there are any `val/CLASS/*` and `test/CLASS/*`;
//! - a CSV file of labels, with one class or several for each of the files anywhere below the folder.
//!
//! Pictures in folders of a class folder belong to the class. Every file that is left out is counted.

mod decode;
mod label_file;
mod layout;
mod left_out;
mod listing;
mod survey;

use std::path::{Path, PathBuf};

use self::decode::{Decoded, Pixels, decode_all, decode_facts, read_headers, resolve_shape};
use self::label_file::read_label_file;
use self::layout::list_class_folders;
pub use self::layout::{FOLDER_CONFIG, RUN_MARKER};
use self::listing::{Listing, PictureFile};
pub use self::survey::{ClassSize, PictureSize, Sizes, SplitSizes, Survey, UnreadablePicture};
use super::definition::{Request, Source};
use super::loaded::LoadedDataset;
use super::pool::Pool;
use crate::error::{DataError, LABELS_FILE};
use crate::image_set::{ImageSet, MOST_CLASSES};
use crate::picture_store::PictureStore;
use crate::preparation::{InputConfig, Preparation};
use crate::shape::ImageShape;
use crate::targets::Targets;

/// Picture files in any layout.
pub(crate) const SOURCE: Source = Source {
    name: "folder",
    load,
    mnist_form: false,
    reads_pictures: true,
    label_errors: &[],
    keys: &["labels", "test", "skip_unreadable", "in_memory"],
};

fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    let folder = request.require_path()?;
    let preparation = request.preparation()?;
    let listing = list(folder, request.options.labels, request.class_names.as_deref())?;
    if listing.class_names.len() > MOST_CLASSES {
        return Err(DataError::ClassCount { found: listing.class_names.len() });
    }
    let in_memory = request.options.in_memory;
    let (shape, decoded) = read(folder, request.input, preparation, &listing.files, in_memory)?;
    let mut notes = listing.left_out.notes();
    if !decoded.unreadable.is_empty() {
        if !request.options.skip_unreadable {
            return Err(DataError::Unreadable { files: decoded.unreadable });
        }
        notes.push(decoded.skipped_note());
    }
    pool(listing, decoded, preparation, shape)?.divide(request, preparation, notes)
}

/// The picture files, by a file of labels or by their folders.
fn list(
    folder: &Path,
    labels: Option<&PathBuf>,
    class_names: Option<&[String]>,
) -> Result<Listing, DataError> {
    let usual = folder.join(LABELS_FILE);
    match labels {
        Some(labels) => read_label_file(folder, &folder.join(labels), class_names),
        None if usual.is_file() => read_label_file(folder, &usual, class_names),
        None => list_class_folders(folder),
    }
}

/// The shape of the images, and the pixels of all pictures that can be read.
fn read(
    folder: &Path,
    input: &InputConfig,
    preparation: Preparation,
    files: &[PictureFile],
    in_memory: bool,
) -> Result<(ImageShape, Decoded), DataError> {
    let shape = if let Some(shape) = input.shape(preparation) {
        shape
    } else {
        let headers = read_headers(files);
        resolve_shape(folder, input, &headers)?
    };
    let decode = if in_memory { decode_all } else { decode_facts };
    Ok((shape, decode(files, preparation, shape)))
}

/// The pictures that can be read, with their splits.
fn pool(
    listing: Listing,
    decoded: Decoded,
    preparation: Preparation,
    shape: ImageShape,
) -> Result<Pool, DataError> {
    let Decoded { pixels, kept, .. } = decoded;
    let files = listing.files.into_iter().zip(kept);
    let files: Vec<PictureFile> = files.filter_map(|(file, kept)| kept.then_some(file)).collect();
    let targets = Targets::of(files.iter().map(|file| file.label.clone()));
    let classes = listing.class_names.len();
    let mut set = match pixels {
        Pixels::Memory(pixels) => ImageSet::with_targets(shape, pixels, targets, classes)?,
        Pixels::Facts(facts) => {
            let paths = files.iter().map(|file| file.path.clone()).collect();
            let store = PictureStore::new(preparation, shape, paths, facts);
            ImageSet::of_files(shape, store, targets, classes)?
        }
    };
    let splits = files.iter().map(|file| file.split).collect();
    set.set_files(files.into_iter().map(|file| file.name).collect());
    Ok(Pool { set, splits, class_names: listing.class_names })
}

#[cfg(test)]
mod tests;
