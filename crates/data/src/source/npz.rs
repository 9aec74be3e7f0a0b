//! The source `npz`: NumPy arrays in one file, as Keras and `MedMNIST` publish data sets.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;

use super::definition::{Request, Source};
use super::loaded::LoadedDataset;
use super::pool::Pool;
use super::split_name::SplitName;
use crate::error::DataError;
use crate::files::open_regular;
use crate::image_set::ImageSet;
use crate::npy::{Array, NpzError};
use crate::shape::ImageShape;

/// Arrays of images, `[images, height, width]`, `[…, channels]` or `[images, channels, height, width]`,
/// and of labels.
pub(crate) const SOURCE: Source = Source {
    name: "npz",
    load,
    mnist_form: false,
    reads_pictures: false,
    label_errors: &[],
    keys: &["test"],
};

/// The names that arrays of images and labels have, by split.
const NAMES: [(SplitName, &[[&str; 2]]); 3] = [
    (
        SplitName::Train,
        &[["x_train", "y_train"], ["train_images", "train_labels"], ["images", "labels"]],
    ),
    (SplitName::Validation, &[["x_val", "y_val"], ["val_images", "val_labels"]]),
    (SplitName::Test, &[["x_test", "y_test"], ["test_images", "test_labels"]]),
];

fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    let path = request.require_path()?;
    let preparation = request.preparation()?;
    let mut archive = Archive::open(path)?;
    let (mut shape, mut pixels, mut labels, mut splits) =
        (None, Vec::new(), Vec::new(), Vec::new());
    for (split, names) in NAMES {
        let Some([images, classes]) = names.iter().find(|[images, _]| archive.has(images)) else {
            continue;
        };
        let found = archive.images(images)?;
        let classes = archive.labels(classes, found.count)?;
        let first = *shape.get_or_insert(found.shape);
        if found.shape != first {
            return Err(DataError::ShapesDiffer { train: first, test: found.shape });
        }
        splits.extend(std::iter::repeat_n(split, found.count));
        pixels.extend(found.pixels);
        labels.extend(classes);
    }
    let shape = shape.filter(|_| splits.contains(&SplitName::Train));
    let shape = shape.ok_or_else(|| archive.refuse(NpzError::Names { found: archive.names() }))?;
    request.input.check_shape(shape)?;
    let greatest = labels.iter().max().map_or(0, |&label| usize::from(label));
    let class_count = request.class_count().unwrap_or(greatest + 1);
    let set = ImageSet::new(shape, pixels, labels, class_count)?;
    let class_names = (0..class_count).map(|class| class.to_string()).collect();
    Pool { set, splits, class_names }.divide(request, preparation, Vec::new())
}

/// Images of one array.
struct Images {
    count: usize,
    shape: ImageShape,
    pixels: Vec<u8>, // [count, channels, height, width]
}

struct Archive<'a> {
    path: &'a Path,
    zip: ZipArchive<BufReader<File>>,
}

impl<'a> Archive<'a> {
    fn open(path: &'a Path) -> Result<Self, DataError> {
        let file = open_regular(path)
            .map_err(|source| DataError::Read { path: path.to_path_buf(), source })?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| DataError::Npz {
            file: path.to_path_buf(),
            problem: NpzError::Archive(error.to_string()),
        })?;
        Ok(Self { path, zip })
    }

    fn refuse(&self, problem: NpzError) -> DataError {
        DataError::Npz { file: self.path.to_path_buf(), problem }
    }

    fn refuse_array(&self, array: &str, problem: impl Into<String>) -> DataError {
        let (array, problem) = (String::from(array), problem.into());
        self.refuse(NpzError::Array { array, problem })
    }

    fn has(&self, array: &str) -> bool {
        self.zip.index_for_name(&format!("{array}.npy")).is_some()
    }

    fn names(&self) -> String {
        let names = self.zip.file_names().filter_map(Result::ok);
        let names: Vec<String> =
            names.map(|name| String::from(name.trim_end_matches(".npy"))).collect();
        if names.is_empty() { String::from("(none)") } else { names.join(", ") }
    }

    fn array(&mut self, name: &str) -> Result<Array, DataError> {
        let found = match self.zip.by_name(&format!("{name}.npy")) {
            Ok(file) => Array::read(file),
            Err(error) => Err(error.to_string()),
        };
        found.map_err(|problem| self.refuse_array(name, problem))
    }

    fn images(&mut self, name: &str) -> Result<Images, DataError> {
        let Array { element_type, shape, bytes } = self.array(name)?;
        if element_type != "|u1" {
            let problem =
                format!("its elements are {element_type}: expected unsigned bytes, uint8");
            return Err(self.refuse_array(name, problem));
        }
        match shape[..] {
            [count, height, width] => {
                let shape = ImageShape { channels: 1, height, width };
                Ok(Images { count, shape, pixels: bytes })
            }
            [count, channels @ (1 | 3), height, width] if ![1, 3].contains(&width) => {
                Ok(Images { count, shape: ImageShape { channels, height, width }, pixels: bytes })
            }
            [count, height, width, channels @ (1 | 3)] => {
                let shape = ImageShape { channels, height, width };
                Ok(Images { count, shape, pixels: planar(&bytes, shape) })
            }
            _ => {
                let problem = format!(
                    "its shape is {shape:?}: expected [images, height, width], with 1 or 3 channels \
                     before or after them"
                );
                Err(self.refuse_array(name, problem))
            }
        }
    }

    /// One label for each of `images`, `[images]` or `[images, 1]`.
    fn labels(&mut self, name: &str, images: usize) -> Result<Vec<u16>, DataError> {
        let array = self.array(name)?;
        if !matches!(array.shape[..], [count] | [count, 1] if count == images) {
            let problem =
                format!("its shape is {:?}: expected [{images}], a label per image", array.shape);
            return Err(self.refuse_array(name, problem));
        }
        let counts = array.counts().map_err(|problem| self.refuse_array(name, problem))?;
        let label = |count: u64| u16::try_from(count);
        let labels: Result<Vec<u16>, _> = counts.into_iter().map(label).collect();
        labels.map_err(|_| self.refuse_array(name, "it has labels above 65535"))
    }
}

/// Interleaved channels plane by plane, image by image.
fn planar(pixels: &[u8], shape: ImageShape) -> Vec<u8> {
    if shape.channels == 1 {
        return pixels.to_vec();
    }
    let image = |image: &[u8]| -> Vec<u8> {
        let plane = |channel| image.iter().skip(channel).step_by(shape.channels).copied();
        (0..shape.channels).flat_map(plane).collect()
    };
    pixels.chunks_exact(shape.pixels().max(1)).flat_map(image).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::npy::tests::file;

    fn archive(arrays: &[(&str, Vec<u8>)]) -> tempfile::NamedTempFile {
        let place = tempfile::NamedTempFile::new().unwrap();
        let mut zip = ZipWriter::new(place.reopen().unwrap());
        for (name, bytes) in arrays {
            zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        place
    }

    fn load(arrays: &[(&str, Vec<u8>)]) -> Result<LoadedDataset, DataError> {
        super::load(&mut Request::in_test("npz", Some(archive(arrays).path())))
    }

    fn message(arrays: &[(&str, Vec<u8>)]) -> String {
        load(arrays).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn arrays_named_as_in_keras_are_both_splits() {
        let source = load(&[
            ("x_train", file("|u1", "(2, 1, 2)", &[1, 2, 3, 4])),
            ("y_train", file("<i8", "(2,)", &[[0; 8], [2, 0, 0, 0, 0, 0, 0, 0]].concat())),
            ("x_test", file("|u1", "(1, 1, 2)", &[5, 6])),
            ("y_test", file("|u1", "(1, 1)", &[1])),
        ])
        .unwrap();
        assert_eq!(
            (source.train.labels(), source.train.image(1).unwrap().pixels()),
            (&[0, 2][..], &[3, 4][..])
        );
        assert_eq!(
            (source.test.labels(), source.test.image(0).unwrap().pixels()),
            (&[1][..], &[5, 6][..])
        );
        assert_eq!(source.class_names, ["0", "1", "2"]);
        assert!(source.validation.is_none() && source.notes.is_empty());
    }

    #[test]
    fn colours_before_or_after_the_sides_and_a_validation_split_are_read() {
        let last = [1, 2, 3, 11, 12, 13].repeat(2);
        let source = load(&[
            ("train_images", file("|u1", "(2, 1, 2, 3)", &last)),
            ("train_labels", file("|u1", "(2,)", &[0, 1])),
            ("val_images", file("|u1", "(1, 3, 1, 2)", &[1, 2, 3, 4, 5, 6])),
            ("val_labels", file("|u1", "(1,)", &[0])),
            ("test_images", file("|u1", "(1, 1, 2, 3)", &last[..6])),
            ("test_labels", file("|u1", "(1,)", &[0])),
        ])
        .unwrap();
        assert_eq!(source.train.image(1).unwrap().pixels(), [1, 11, 2, 12, 3, 13]);
        assert_eq!(source.train.image(2).unwrap().pixels(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(source.split(None, 1).unwrap().validation, [2]);
    }

    #[test]
    fn arrays_without_splits_are_divided() {
        let pixels: Vec<u8> = (0..40).flat_map(|image| [6 * image, 255 - 6 * image]).collect();
        let labels: Vec<u8> = (0..40).map(|image| image % 2).collect();
        let source = load(&[
            ("images", file("|u1", "(40, 1, 2)", &pixels)),
            ("labels", file("|u1", "(40,)", &labels)),
        ])
        .unwrap();
        assert_eq!((source.train.len(), source.test.len()), (36, 4));
        assert!(source.notes[0].contains("dataset.test = 0.1"), "{:?}", source.notes);
    }

    #[test]
    fn wrong_archives_are_named_with_the_remedy() {
        let images = || ("x_train", file("|u1", "(1, 1, 2)", &[1, 2]));
        let labels = |kind, bytes: &[u8]| ("y_train", file(kind, "(1,)", bytes));
        for (arrays, part) in [
            (vec![("data", file("|u1", "(1,)", &[1]))], "holds the arrays data: expected x_train"),
            (vec![images()], "y_train: "),
            (vec![images(), labels("<f4", &[0; 4])], "y_train: its elements are <f4"),
            (vec![images(), labels("<u4", &[0, 0, 1, 0])], "labels above 65535"),
            (vec![("x_train", file("<f4", "(1, 1, 1)", &[0; 4])), labels("|u1", &[0])], "uint8"),
            (
                vec![("x_train", file("|u1", "(2,)", &[0; 2])), labels("|u1", &[0])],
                "expected [images",
            ),
            (vec![images(), ("y_train", file("|u1", "(2,)", &[0; 2]))], "a label per image"),
        ] {
            assert!(message(&arrays).contains(part), "{part}: {}", message(&arrays));
        }
        let junk = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(junk.path(), b"PK junk").unwrap();
        let refused = super::load(&mut Request::in_test("npz", Some(junk.path())));
        assert!(refused.unwrap_err().to_string().contains("not a readable .npz archive"));
    }
}
