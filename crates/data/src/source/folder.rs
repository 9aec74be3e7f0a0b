//! The source `folder`: image files in `train/CLASS/` and `test/CLASS/`, as `.png`, `.jpg` or
//! `.jpeg`.
//!
//! Hidden files and files with other extensions are ignored. Files are read in the order of their
//! names.

use std::path::{Path, PathBuf};

use image::{DynamicImage, GenericImageView, ImageReader};

use super::definition::{Request, Source};
use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::files::list;
use crate::image_set::{ImageSet, MOST_CLASSES};
use crate::shape::ImageShape;

/// Image files in a folder per class; the folders in `train` are the classes.
///
/// All images must have the size of the first one. They are grey if every file is, else RGB;
/// transparency is ignored, and 16 bits are rounded to 8.
pub(crate) const SOURCE: Source =
    Source { name: "folder", load, mnist_form: false, label_errors: &[] };

fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    let folder = request.require_folder()?;
    let train_folder = folder.join("train");
    let classes = class_folders(&train_folder)?;
    if classes.is_empty() {
        return Err(DataError::NoClasses { folder: train_folder });
    }
    let class_names: Vec<String> = classes.iter().map(|class| name_of(class)).collect();
    if class_names.len() > MOST_CLASSES {
        return Err(DataError::ClassCount { found: class_names.len() });
    }
    let train = read_split(&train_folder, &train_folder, &class_names)?;
    let test = read_split(&folder.join("test"), &train_folder, &class_names)?;
    let channels = if train.iter().chain(&test).any(|picture| picture.image.color().has_color()) {
        3
    } else {
        1
    };
    let size = train[0].image.dimensions();
    Ok(LoadedDataset {
        train: into_set(train, channels, size, class_names.len())?,
        test: into_set(test, channels, size, class_names.len())?,
        class_names,
    })
}

struct Picture {
    file: PathBuf,
    image: DynamicImage,
    label: u8,
}

/// Reads all image files of a split; there is at least one.
fn read_split(
    folder: &Path,
    train_folder: &Path,
    class_names: &[String],
) -> Result<Vec<Picture>, DataError> {
    let mut pictures = Vec::new();
    for class in class_folders(folder)? {
        let Some(label) = class_names.iter().position(|name| *name == name_of(&class)) else {
            return Err(DataError::UnknownClass {
                folder: class,
                train: train_folder.to_path_buf(),
            });
        };
        for file in list(&class)?.into_iter().filter(|file| is_picture(file)) {
            let image = decode(&file)?;
            pictures.push(Picture { file, image, label: label as u8 });
        }
    }
    if pictures.is_empty() {
        return Err(DataError::NoPictures { folder: folder.to_path_buf() });
    }
    Ok(pictures)
}

/// Joins images of `size`, width and height, to a set of planar pixels.
fn into_set(
    pictures: Vec<Picture>,
    channels: usize,
    size: (u32, u32),
    class_count: usize,
) -> Result<ImageSet, DataError> {
    let shape = ImageShape { channels, height: size.1 as usize, width: size.0 as usize };
    let mut pixels = Vec::with_capacity(pictures.len() * shape.pixels());
    let mut labels = Vec::with_capacity(pictures.len());
    for Picture { file, image, label } in pictures {
        if image.dimensions() != size {
            let text = |(width, height)| format!("{height}×{width}");
            return Err(DataError::PictureSize {
                file,
                expected: text(size),
                found: text(image.dimensions()),
            });
        }
        let interleaved = if channels == 1 {
            image.into_luma8().into_raw()
        } else {
            image.into_rgb8().into_raw()
        };
        for channel in 0..channels {
            pixels.extend(interleaved.iter().skip(channel).step_by(channels));
        }
        labels.push(label);
    }
    ImageSet::new(shape, pixels, labels, class_count)
}

fn class_folders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(list(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_picture(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["png", "jpg", "jpeg"].contains(&extension.as_str())
}

fn decode(file: &Path) -> Result<DynamicImage, DataError> {
    let refuse = |source| DataError::Read { path: file.to_path_buf(), source };
    // The format is guessed from the content: PNG files named `.jpg` are common.
    let reader = ImageReader::open(file).map_err(refuse)?.with_guessed_format().map_err(refuse)?;
    reader.decode().map_err(|source| DataError::Picture { file: file.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{GrayImage, Rgb, RgbImage};
    use tempfile::TempDir;

    use super::*;

    fn grey(folder: &TempDir, path: &str, width: u32, height: u32) {
        save(
            folder,
            path,
            &GrayImage::from_fn(width, height, |x, y| image::Luma([(10 * y + x) as u8])).into(),
        );
    }

    fn save(folder: &TempDir, path: &str, image: &DynamicImage) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        image.save(path).unwrap();
    }

    fn write(folder: &TempDir, path: &str, bytes: &[u8]) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn two_classes() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in ["train/dog/b.png", "train/cat/a.PNG", "train/dog/a.png", "test/dog/a.png"] {
            grey(&folder, path, 3, 2);
        }
        folder
    }

    fn load(folder: &Path) -> Result<LoadedDataset, DataError> {
        let progress = &mut |_| panic!("downloaded");
        super::load(&mut Request {
            source: SOURCE.name,
            folder: Some(folder),
            class_count: None,
            progress,
        })
    }

    fn message(folder: &TempDir) -> String {
        load(folder.path()).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn grey_pictures_make_one_channel_in_order_of_their_names() {
        let folder = two_classes();
        write(&folder, "train/cat/.hidden.png", b"junk");
        write(&folder, "train/cat/notes.txt", b"text");
        write(&folder, "train/README.md", b"text");
        let source = load(folder.path()).unwrap();
        assert_eq!(source.class_names, ["cat", "dog"]);
        assert_eq!((source.train.labels(), source.test.labels()), (&[0, 1, 1][..], &[1][..]));
        assert_eq!(source.train.shape(), ImageShape { channels: 1, height: 2, width: 3 });
        assert_eq!(source.train.pixels(0), [0, 1, 2, 10, 11, 12]);
    }

    #[test]
    fn one_colour_picture_makes_all_of_them_planar_rgb() {
        let folder = two_classes();
        let colours = RgbImage::from_fn(3, 2, |x, y| Rgb([(10 * y + x) as u8, 100, 200]));
        save(&folder, "test/cat/a.png", &colours.into());
        let source = load(folder.path()).unwrap();
        assert_eq!(source.test.shape(), ImageShape { channels: 3, height: 2, width: 3 });
        assert_eq!(source.test.pixels(0), [[0, 1, 2, 10, 11, 12], [100; 6], [200; 6]].concat());
        assert_eq!(source.train.pixels(0), [0, 1, 2, 10, 11, 12].repeat(3));
    }

    #[test]
    fn jpeg_is_read() {
        let folder = two_classes();
        save(&folder, "train/cat/z.jpg", &GrayImage::from_pixel(3, 2, image::Luma([77])).into());
        let train = load(folder.path()).unwrap().train;
        assert!(
            train.pixels(1).iter().all(|pixel| pixel.abs_diff(77) < 4),
            "{:?}",
            train.pixels(1)
        );
    }

    #[test]
    fn picture_of_another_size_is_named() {
        let folder = two_classes();
        grey(&folder, "test/dog/b.png", 5, 2);
        assert!(
            message(&folder).ends_with(
                "b.png is 2×5 pixels (height×width): expected 2×3 like the first picture"
            )
        );
    }

    #[test]
    fn unreadable_picture_is_named() {
        let folder = two_classes();
        write(&folder, "train/dog/c.png", b"junk");
        assert!(message(&folder).contains("c.png"), "{}", message(&folder));
    }

    #[test]
    fn missing_folders_classes_and_pictures_are_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(message(&folder).starts_with("cannot read"));
        fs::create_dir_all(folder.path().join("train")).unwrap();
        assert!(message(&folder).contains("holds no class folders"));
        fs::create_dir_all(folder.path().join("train/cat")).unwrap();
        assert!(message(&folder).contains("holds no pictures"));
        grey(&folder, "train/cat/a.png", 3, 2);
        assert!(message(&folder).contains("test"));
    }

    #[test]
    fn test_class_without_training_pictures_is_refused() {
        let folder = two_classes();
        grey(&folder, "test/bird/a.png", 3, 2);
        assert!(message(&folder).contains("bird is a class that"), "{}", message(&folder));
    }

    #[test]
    fn more_classes_than_labels_can_tell_apart_are_refused() {
        let folder = two_classes();
        for class in 0..255 {
            fs::create_dir_all(folder.path().join(format!("train/{class}"))).unwrap();
        }
        assert_eq!(message(&folder), "there are 257 classes: expected 1 to 256");
    }
}
