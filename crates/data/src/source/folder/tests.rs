use std::fs;

use image::{DynamicImage, GrayImage, Rgb, RgbImage};
use tempfile::TempDir;

use super::*;
use crate::duplicates::duplicates;
use crate::normalization::Normalization;
use crate::source::DatasetConfig;
use crate::split_size::SplitSize;

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
    load_with(folder, "", "")
}

/// Loads `folder` with these keys of `[dataset]` and of `[input]`.
fn load_with(folder: &Path, dataset: &str, input: &str) -> Result<LoadedDataset, DataError> {
    let config = format!("source = 'folder'\npath = '{}'\n{dataset}", folder.display());
    let config: DatasetConfig = toml::from_str(&config).unwrap();
    let input: InputConfig = toml::from_str(input).unwrap();
    config.load(&input, 42, &mut |_| panic!("downloaded"))
}

fn message(folder: &TempDir) -> String {
    load(folder.path()).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn grey_pictures_make_one_channel_in_order_of_their_names() {
    let folder = two_classes();
    let source = load(folder.path()).unwrap();
    assert_eq!(source.class_names, ["cat", "dog"]);
    assert_eq!((source.train.labels(), source.test.labels()), (&[0, 1, 1][..], &[1][..]));
    assert_eq!(source.train.shape(), ImageShape { channels: 1, height: 2, width: 3 });
    assert_eq!(source.train.image(0).unwrap().pixels(), [0, 1, 2, 10, 11, 12]);
}

#[test]
fn one_colour_picture_makes_all_of_them_planar_rgb() {
    let folder = two_classes();
    let colours = RgbImage::from_fn(3, 2, |x, y| Rgb([(10 * y + x) as u8, 100, 200]));
    save(&folder, "test/cat/a.png", &colours.into());
    let source = load(folder.path()).unwrap();
    assert_eq!(source.test.shape(), ImageShape { channels: 3, height: 2, width: 3 });
    assert_eq!(
        source.test.image(0).unwrap().pixels(),
        [[0, 1, 2, 10, 11, 12], [100; 6], [200; 6]].concat()
    );
    assert_eq!(source.train.image(0).unwrap().pixels(), [0, 1, 2, 10, 11, 12].repeat(3));
}

#[test]
fn jpeg_is_read() {
    let folder = two_classes();
    save(&folder, "train/cat/z.jpg", &GrayImage::from_pixel(3, 2, image::Luma([77])).into());
    let train = load(folder.path()).unwrap().train;
    assert!(
        train.image(1).unwrap().pixels().iter().all(|pixel| pixel.abs_diff(77) < 4),
        "{:?}",
        train.image(1).unwrap().pixels()
    );
}

#[test]
fn pictures_of_several_sizes_need_a_size() {
    let folder = two_classes();
    grey(&folder, "test/dog/b.png", 5, 2);
    let message = message(&folder);
    assert!(message.contains("have 2 sizes, 2×3 to 2×5 (height×width)"), "{message}");
    assert!(message.ends_with("input.size = 3"), "{message}");
    let source = load_with(folder.path(), "", "size = [4, 6]\nfit = 'pad'").unwrap();
    assert_eq!(source.test.shape(), ImageShape { channels: 1, height: 4, width: 6 });
    // Two rows of five pixels, padded with white above and below.
    assert_eq!(source.test.image(1).unwrap().pixels()[..6], [255; 6]);
}

#[test]
fn every_unreadable_picture_is_listed_at_once_or_left_out() {
    let folder = two_classes();
    write(&folder, "train/dog/c.png", b"junk");
    write(&folder, "train/cat/d.png", b"");
    let message = message(&folder);
    assert!(message.starts_with("2 pictures cannot be used:\n"), "{message}");
    for part in ["d.png: the file is empty", "c.png: not a picture", "skip_unreadable"] {
        assert!(message.contains(part), "{message}");
    }
    let source = load_with(folder.path(), "skip_unreadable = true", "").unwrap();
    assert_eq!(source.train.labels(), [0, 1, 1]);
    assert_eq!(source.train.file(2), Some("train/dog/b.png"));
    assert_eq!(source.train.image(2).unwrap().pixels(), [0, 1, 2, 10, 11, 12]);
    assert!(source.notes[0].starts_with("left out: 2 unreadable pictures"), "{:?}", source.notes);
}

#[test]
fn missing_folders_and_pictures_are_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        load(&folder.path().join("absent")).unwrap_err().to_string().starts_with("cannot read")
    );
    assert!(message(&folder).contains("holds no pictures in class folders"));
    fs::create_dir_all(folder.path().join("train/cat")).unwrap();
    assert!(message(&folder).contains("train holds no pictures"), "{}", message(&folder));
}

#[test]
fn a_class_without_training_pictures_is_refused() {
    let folder = two_classes();
    grey(&folder, "test/bird/a.png", 3, 2);
    assert!(
        message(&folder).contains("bird: the class \"bird\" has no training"),
        "{}",
        message(&folder)
    );
}

/// Distinct pictures of two classes, `count` each.
fn class_folders(count: u8) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..count {
        for (class, level) in [("cat", 0), ("dog", 100)] {
            let picture = GrayImage::from_fn(8, 8, |x, y| {
                image::Luma([
                    level + 16 * u8::from(u32::from(index) >> (x % 6) & 1 == 1) * (y as u8 + 1)
                ])
            });
            save(&folder, &format!("{class}/{index}.png"), &picture.into());
        }
    }
    folder
}

#[test]
fn class_folders_alone_are_divided_by_seed() {
    let folder = class_folders(40);
    let source = load(folder.path()).unwrap();
    assert_eq!(source.class_names, ["cat", "dog"]);
    assert_eq!((source.train.len(), source.test.len()), (72, 8));
    assert_eq!(source.test.labels().iter().filter(|&&label| label == 0).count(), 4);
    assert!(source.notes[0].contains("8 images are divided off"), "{:?}", source.notes);
    let files = |source: &LoadedDataset| -> Vec<String> {
        (0..source.test.len())
            .filter_map(|index| source.test.file(index).map(String::from))
            .collect()
    };
    assert_eq!(files(&load(folder.path()).unwrap()), files(&source));
    let quarter = load_with(folder.path(), "test = 0.25", "").unwrap();
    assert_eq!(quarter.test.len(), 20);
    assert_eq!(quarter.split(None, 42).unwrap().validation.len(), 6);
}

#[test]
fn pictures_that_stay_on_disk_are_the_same_images() {
    let folder = class_folders(20);
    fs::copy(folder.path().join("cat/3.png"), folder.path().join("dog/copy.png")).unwrap();
    let [memory, disk] =
        ["", "in_memory = false"].map(|keys| load_with(folder.path(), keys, "").unwrap());
    assert!(memory.train.is_in_memory() && !disk.train.is_in_memory());
    assert_eq!(memory.train.labels(), disk.train.labels());
    let all: Vec<usize> = (0..memory.train.len()).collect();
    assert_eq!(memory.train.images(&all).unwrap(), disk.train.images(&all).unwrap());
    assert_eq!(memory.split(None, 1).unwrap(), disk.split(None, 1).unwrap());
    let [statistics, others] =
        [&memory, &disk].map(|source| Normalization::of(&source.train, &all));
    assert_eq!(statistics, others);
    let [found, others] = [&memory, &disk].map(|source| duplicates(&[(&source.train, &all)]));
    assert_eq!(found, others);
    assert_eq!(disk.train.memory(), 41 * 64);
}

#[test]
fn near_duplicates_stay_on_one_side_of_every_split() {
    let folder = class_folders(20);
    for index in 0..20 {
        for class in ["cat", "dog"] {
            let from = folder.path().join(format!("{class}/{index}.png"));
            fs::copy(&from, folder.path().join(format!("{class}/{index}-copy.png"))).unwrap();
        }
    }
    let source = load_with(folder.path(), "test = 0.3", "").unwrap();
    let split = source.split(Some(SplitSize::Share(0.3)), 42).unwrap();
    let number = |file: &str| file.trim_end_matches(".png").trim_end_matches("-copy").to_owned();
    let files = |set: &ImageSet, indices: &[usize]| -> std::collections::BTreeSet<String> {
        indices.iter().map(|&index| number(set.file(index).unwrap())).collect()
    };
    let test: Vec<usize> = (0..source.test.len()).collect();
    let parts = [
        files(&source.test, &test),
        files(&source.train, &split.train),
        files(&source.train, &split.validation),
    ];
    assert!(parts.iter().all(|part| !part.is_empty()));
    assert_eq!(parts.iter().map(std::collections::BTreeSet::len).sum::<usize>(), 40);
}

#[test]
fn a_validation_folder_is_the_validation_split() {
    for name in ["val", "valid", "Validation"] {
        let folder = two_classes();
        grey(&folder, &format!("{name}/cat/v.png"), 3, 2);
        let source = load(folder.path()).unwrap();
        let split = source.split(None, 1).unwrap();
        assert_eq!((split.train, split.validation), (vec![0, 1, 2], vec![3]));
        assert_eq!(source.train.file(3), Some(format!("{name}/cat/v.png").as_str()));
        let refused = source.split(Some(SplitSize::TENTH), 1).unwrap_err().to_string();
        assert!(refused.contains("has a validation split of its own"), "{refused}");
        assert!(load_with(folder.path(), "test = 0.5", "").is_err());
    }
    let folder = two_classes();
    fs::create_dir_all(folder.path().join("testing")).unwrap();
    assert!(message(&folder).contains("could both be the test split"));
}

#[test]
fn a_subset_of_the_training_images_keeps_the_validation_folder() {
    let folder = two_classes();
    grey(&folder, "val/cat/v.png", 3, 2);
    let source = load_with(folder.path(), "train_images = 2", "").unwrap();
    let split = source.split(None, 1).unwrap();
    assert_eq!(
        (split.train.len(), source.train.file(split.validation[0])),
        (2, Some("val/cat/v.png"))
    );
}

#[test]
fn pictures_in_folders_of_a_class_belong_to_it_and_the_rest_is_counted() {
    let folder = two_classes();
    grey(&folder, "train/cat/deep/er/z.png", 3, 2);
    write(&folder, "train/cat/.hidden.png", b"junk");
    write(&folder, "train/cat/notes.txt", b"text");
    write(&folder, "train/README.md", b"text");
    grey(&folder, "other/cat/x.png", 3, 2);
    grey(&folder, "loose.png", 3, 2);
    fs::create_dir_all(folder.path().join("train/bird")).unwrap();
    let source = load(folder.path()).unwrap();
    assert_eq!(source.class_names, ["cat", "dog"]);
    assert_eq!(source.train.file(1), Some("train/cat/deep/er/z.png"));
    assert_eq!(
        source.notes,
        ["left out: 2 files of other formats (README.md, …); 2 pictures outside of class folders \
          (loose.png, …); 1 folder without pictures (train/bird); 1 hidden file or folder (.hidden.png)"]
    );
}

#[test]
fn every_format_is_read_and_turned_upright() {
    let folder = tempfile::tempdir().unwrap();
    for (index, extension) in ["png", "bmp", "gif", "tiff", "webp", "TIF"].iter().enumerate() {
        for class in ["a", "b"] {
            let level = 30 * index as u8 + if class == "a" { 0 } else { 10 };
            let picture = RgbImage::from_pixel(3, 2, Rgb([level; 3]));
            save(&folder, &format!("train/{class}/{index}.{extension}"), &picture.clone().into());
            save(&folder, &format!("test/{class}/{index}.{extension}"), &picture.into());
        }
    }
    let source = load(folder.path()).unwrap();
    assert_eq!((source.train.len(), source.notes.len()), (12, 0));
    assert_eq!(source.train.image(3).unwrap().pixels()[0], 90);
}

#[test]
fn a_file_of_labels_names_classes_and_splits() {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..6 {
        grey(&folder, &format!("pictures/{index}.png"), 3, 2);
    }
    let csv = "label,file,split\n10,pictures/0.png,train\n9,pictures/1.png,train\n\
               10,./pictures/2.png,val\n9,pictures/3.png,test\n";
    write(&folder, "labels.csv", csv.as_bytes());
    let source = load(folder.path()).unwrap();
    assert_eq!(source.class_names, ["9", "10"]);
    assert_eq!((source.train.labels(), source.test.labels()), (&[1, 0, 1][..], &[0][..]));
    assert_eq!(source.split(None, 1).unwrap().validation, [2]);
    assert_eq!(source.notes, ["left out: 2 pictures without a label (pictures/4.png, …)"]);
    write(&folder, "other.csv", b"file,label\npictures/4.png,up\n");
    let message = load_with(folder.path(), "labels = 'other.csv'", "").unwrap_err().to_string();
    assert!(message.contains("dataset.test"), "{message}");
}

#[test]
fn a_file_of_labels_gives_pictures_any_number_of_classes() {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..5 {
        grey(&folder, &format!("{index}.png"), 3, 2);
    }
    let csv = "file,labels,split\n0.png,sea; boat,train\n1.png,sea,train\n2.png,,train\n\
               3.png,boat;sea,val\n4.png,boat,test\n";
    write(&folder, "labels.csv", csv.as_bytes());
    let mut source = load(folder.path()).unwrap();
    assert_eq!(source.class_names, ["boat", "sea"]);
    assert!(source.train.targets().is_multi_label() && source.test.targets().is_multi_label());
    let classes: Vec<_> = (0..4).map(|index| source.train.classes(index).to_vec()).collect();
    assert_eq!(classes, [vec![0, 1], vec![1], vec![], vec![0, 1]]);
    assert_eq!(source.test.classes(0), [0]);
    let model = ["sea", "boat"].map(str::to_owned);
    assert!(source.match_classes(&model));
    assert_eq!((source.train.classes(1), source.test.classes(0)), (&[0][..], &[1][..]));
    let message = load_with(folder.path(), "class_names = ['sea']", "").unwrap_err().to_string();
    assert!(message.contains("labels.csv:2: \"boat\" is not a class: expected sea"), "{message}");
}

#[test]
fn mistakes_in_a_file_of_labels_name_the_line() {
    let folder = tempfile::tempdir().unwrap();
    grey(&folder, "a.png", 3, 2);
    for (csv, part) in [
        ("name,label\na.png,1\n", "labels.csv:1: there is no column \"file\""),
        ("file,label\n../a.png,1\n", "labels.csv:2: \"../a.png\" is not below"),
        ("file,label\na.png,1\na.png,2\n", "labels.csv:3: \"a.png\" is named twice"),
        ("file,label,split\na.png,1,most\n", "labels.csv:2: \"most\" is not a split"),
        ("file,label\na.png,\n", "labels.csv:2: the label is empty"),
        ("file,label\n,1\n", "labels.csv:2: the file is empty"),
        ("file,label,labels\na.png,1,1\n", "labels.csv:1: there are the columns \"label\" and"),
        ("file,labels\na.png,1;;2\n", "labels.csv:2: \"1;;2\" has an empty name"),
        ("file,labels\na.png,1;2;1\n", "labels.csv:2: \"1;2;1\" names \"1\" twice"),
        ("file,labels\na.png,\n", "no picture has a label"),
        ("file,label\n", "names no pictures"),
        ("file,label\na.png,1,2\n", "labels.csv:2: "),
        ("file,label,split\na.png,1,test\n", "the class \"1\" has no training pictures"),
    ] {
        write(&folder, "labels.csv", csv.as_bytes());
        assert!(message(&folder).contains(part), "{csv}: {}", message(&folder));
    }
    write(&folder, "labels.csv", b"file,label\na.png,b\n");
    let message = load_with(folder.path(), "class_names = ['c', 'd']", "").unwrap_err().to_string();
    assert!(message.contains("\"b\" is not a class: expected c, d"), "{message}");
}

#[test]
fn more_classes_than_a_byte_can_count_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for class in 0..300 {
        for split in ["train", "test"] {
            save(&folder, &format!("{split}/{class:03}/a.png"), &GrayImage::new(1, 1).into());
        }
    }
    let source = load(folder.path()).unwrap();
    assert_eq!((source.class_names.len(), source.test.labels()[299]), (300, 299));
}

#[test]
fn ink_is_extracted_from_every_picture() {
    let folder = tempfile::tempdir().unwrap();
    for (file, left) in [("train/1/a.png", 20), ("train/1/b.png", 60), ("test/1/c.png", 40)] {
        let page = GrayImage::from_fn(100, 80, |x, y| {
            image::Luma([if (left..left + 6).contains(&x) && (20..60).contains(&y) {
                10
            } else {
                240
            }])
        });
        save(&folder, file, &page.into());
    }
    let source = load_with(folder.path(), "", "kind = 'ink'").unwrap();
    assert_eq!((source.train.shape(), source.preparation), (ImageShape::MNIST, Preparation::INK));
    assert_eq!(source.train.image(0).unwrap().pixels(), source.train.image(1).unwrap().pixels());
    save(&folder, "train/1/blank.png", &GrayImage::from_pixel(50, 50, image::Luma([255])).into());
    let refused = load_with(folder.path(), "", "kind = 'ink'").unwrap_err().to_string();
    assert!(refused.contains("blank.png: there is no ink on the picture"), "{refused}");
}

#[test]
#[cfg(unix)]
fn names_that_are_not_text_are_refused_and_links_to_folders_counted() {
    use std::os::unix::ffi::OsStrExt;

    let folder = two_classes();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("train/cat/circle")).unwrap();
    assert!(load(folder.path()).unwrap().notes[0].contains("1 link to folders (circle)"));
    let class = folder.path().join("train").join(std::ffi::OsStr::from_bytes(b"b\xff"));
    fs::create_dir_all(&class).unwrap();
    fs::copy(folder.path().join("train/dog/a.png"), class.join("a.png")).unwrap();
    assert!(message(&folder).contains("the name is not UTF-8"), "{}", message(&folder));
}
