//! The source `folder`: picture files that a user brings, in any of these layouts.
//!
//! - `CLASS/*`: all pictures, of which a test split is divided off;
//! - `train/CLASS/*`, and if there are any `val/CLASS/*` and `test/CLASS/*`;
//! - a CSV file of labels, with the files anywhere below the folder.
//!
//! Pictures in folders of a class folder belong to the class. Every file that is left out is counted.

mod decode;
mod label_file;
mod layout;
mod left_out;
mod listing;

use std::path::Path;

use self::decode::{Decoded, decode_all, read_headers, resolve_shape};
use self::label_file::read_label_file;
use self::layout::list_class_folders;
use self::listing::{Listing, PictureFile, SplitName};
use super::definition::{Request, Source};
use super::loaded::LoadedDataset;
use crate::error::{DataError, LABELS_FILE};
use crate::image_set::{ImageSet, MOST_CLASSES};
use crate::near_duplicates::near_duplicate_groups;
use crate::preparation::{InputConfig, Preparation};
use crate::shape::ImageShape;
use crate::split::train_test;
use crate::split_size::SplitSize;

/// Picture files in any layout.
pub(crate) const SOURCE: Source = Source {
    name: "folder",
    load,
    mnist_form: false,
    reads_pictures: true,
    label_errors: &[],
    keys: &["labels", "test", "skip_unreadable"],
};

fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    let folder = request.require_path()?;
    let preparation = request.preparation()?;
    let listing = list(folder, request)?;
    if listing.class_names.len() > MOST_CLASSES {
        return Err(DataError::ClassCount { found: listing.class_names.len() });
    }
    let (shape, decoded) = read(folder, request.input, preparation, &listing.files)?;
    let mut notes = listing.left_out.notes();
    if !decoded.unreadable.is_empty() {
        if !request.options.skip_unreadable {
            return Err(DataError::Unreadable { files: decoded.unreadable });
        }
        notes.push(decoded.skipped_note());
    }
    let pictures = Pictures::new(listing, decoded, shape)?;
    pictures.split(request, preparation, notes)
}

/// The picture files, by a file of labels or by their folders.
fn list(folder: &Path, request: &Request) -> Result<Listing, DataError> {
    let usual = folder.join(LABELS_FILE);
    match request.options.labels {
        Some(labels) => {
            read_label_file(folder, &folder.join(labels), request.class_names.as_deref())
        }
        None if usual.is_file() => read_label_file(folder, &usual, request.class_names.as_deref()),
        None => list_class_folders(folder),
    }
}

/// The shape of the images, and the pixels of all pictures that can be read.
fn read(
    folder: &Path,
    input: &InputConfig,
    preparation: Preparation,
    files: &[PictureFile],
) -> Result<(ImageShape, Decoded), DataError> {
    let shape = if let Some(shape) = input.shape(preparation) {
        shape
    } else {
        let headers = read_headers(files);
        resolve_shape(folder, input, &headers)?
    };
    Ok((shape, decode_all(files, preparation, shape)))
}

/// All pictures that can be read, as one set.
struct Pictures {
    set: ImageSet,
    /// The split of each, as the layout says.
    splits: Vec<SplitName>,
    class_names: Vec<String>,
}

impl Pictures {
    fn new(listing: Listing, decoded: Decoded, shape: ImageShape) -> Result<Self, DataError> {
        let Decoded { pixels, kept, .. } = decoded;
        let files: Vec<PictureFile> = listing
            .files
            .into_iter()
            .zip(kept)
            .filter_map(|(file, kept)| kept.then_some(file))
            .collect();
        let labels = files.iter().map(|file| file.label).collect();
        let mut set = ImageSet::new(shape, pixels, labels, listing.class_names.len())?;
        let splits = files.iter().map(|file| file.split).collect();
        set.set_files(files.into_iter().map(|file| file.name).collect());
        Ok(Self { set, splits, class_names: listing.class_names })
    }

    /// Divides the pictures as the layout says, and where it says nothing, by seed.
    fn split(
        mut self,
        request: &Request,
        preparation: Preparation,
        mut notes: Vec<String>,
    ) -> Result<LoadedDataset, DataError> {
        let [mut train, validation, mut test] =
            [SplitName::Train, SplitName::Validation, SplitName::Test]
                .map(|name| self.indices(name));
        if test.is_empty() || validation.is_empty() {
            self.set.set_groups(near_duplicate_groups(&self.set));
        }
        let undivided = test.is_empty().then(|| self.set.clone());
        match (test.is_empty(), request.options.test) {
            (true, size) => {
                let others = self.set.select(&train)?;
                let size = size.unwrap_or(SplitSize::TENTH);
                let [kept, divided] = train_test(&others, size, request.seed)?;
                test = divided.into_iter().map(|index| train[index]).collect();
                train = kept.into_iter().map(|index| train[index]).collect();
                notes.push(format!(
                    "there is no test split: {} pictures are divided off for it by seed, \
                     near-duplicates kept together (dataset.test = {size})",
                    test.len(),
                ));
            }
            (false, Some(size)) => {
                return Err(DataError::Setting {
                    key: "dataset.test",
                    value: size.to_string(),
                    expected: String::from(
                        "it to be absent: the data set has a test split of its own",
                    ),
                });
            }
            (false, None) => {}
        }
        let held_out = (!validation.is_empty())
            .then(|| (train.len()..train.len() + validation.len()).collect());
        train.extend(validation);
        Ok(LoadedDataset {
            train: self.set.divide(&train)?,
            validation: held_out,
            test: self.set.divide(&test)?,
            undivided,
            class_names: self.class_names,
            preparation,
            notes,
        })
    }

    fn indices(&self, name: SplitName) -> Vec<usize> {
        (0..self.splits.len()).filter(|&index| self.splits[index] == name).collect()
    }
}

#[cfg(test)]
mod tests;
