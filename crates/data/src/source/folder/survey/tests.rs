use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn save(folder: &Path, name: &str, image: impl Into<DynamicImage>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let format = ImageFormat::from_path(&path).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    fs::write(path, bytes.into_inner()).unwrap();
}

fn survey(folder: &Path) -> Result<Survey, DataError> {
    let mut config = DatasetConfig::new("folder".parse().unwrap());
    config.path = Some(folder.to_path_buf());
    Survey::of(&config)
}

/// A grey picture that no other seed gives.
fn grey(seed: u32, width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([(x * (7 + 11 * seed) + y * (5 + seed)) as u8]))
}

fn icon(ink: u8) -> RgbaImage {
    RgbaImage::from_fn(12, 12, |x, y| {
        let is_ink = (3..9).contains(&x) && (2..10).contains(&y);
        Rgba([ink, ink, ink, if is_ink { 255 } else { 0 }])
    })
}

#[test]
fn sizes_classes_and_what_is_left_out_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "cat/1.png", grey(1, 20, 10));
    save(folder.path(), "cat/2.png", grey(2, 30, 40));
    save(folder.path(), "dog/1.png", grey(3, 20, 20));
    fs::write(folder.path().join("dog/2.png"), b"no picture").unwrap();
    fs::write(folder.path().join("dog/notes.txt"), b"").unwrap();
    let survey = survey(folder.path()).unwrap();
    assert_eq!(survey.pictures, 3);
    let classes: Vec<_> =
        survey.classes.iter().map(|class| (class.name.as_str(), class.pictures)).collect();
    assert_eq!(classes, [("cat", 2), ("dog", 1)]);
    assert_eq!((survey.sizes.count, survey.sizes.median_side), (3, 20));
    assert_eq!(survey.sizes.largest, PictureSize { height: 40, width: 30 });
    assert_eq!(survey.unreadable.len(), 1);
    assert_eq!(survey.unreadable[0].file, "dog/2.png");
    assert!(survey.unreadable[0].problem.starts_with("not a picture"));
    assert_eq!(survey.left_out, ["left out: 1 file of other formats (notes.txt)"]);
    assert_eq!(survey.splits, SplitSizes { train: 3, validation: 0, test: 0 });
}

#[test]
fn colour_files_that_are_all_grey_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let grey_colours = DynamicImage::from(grey(1, 40, 40)).into_rgb8();
    save(folder.path(), "a/1.jpg", grey_colours.clone());
    save(folder.path(), "a/2.png", grey_colours);
    let survey_of = || {
        let survey = survey(folder.path()).unwrap();
        (survey.stored_in_colour, survey.coloured)
    };
    assert_eq!(survey_of(), (2, 0));
    save(folder.path(), "a/3.png", RgbImage::from_pixel(9, 9, Rgb([200, 30, 30])));
    assert_eq!(survey_of(), (3, 1));
}

#[test]
fn icons_that_would_vanish_are_found() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "a/1.png", icon(0));
    save(folder.path(), "a/2.png", icon(250));
    save(folder.path(), "a/3.png", icon(128));
    save(folder.path(), "a/4.png", RgbaImage::from_pixel(9, 9, Rgba([9, 9, 9, 255])));
    let survey = survey(folder.path()).unwrap();
    assert_eq!(survey.transparent, 3, "an alpha channel that is opaque everywhere is none");
    assert_eq!((survey.vanish_on_white, survey.vanish_on_black), (1, 1));
    assert_eq!(survey.near_duplicates, 0, "icons are compared where all can be seen");
}

#[test]
fn polarity_is_that_of_the_border() {
    let folder = tempfile::tempdir().unwrap();
    let framed = |border: u8, inside: u8| {
        let is_border = |x: u32| !(4..16).contains(&x);
        GrayImage::from_fn(20, 20, move |x, y| {
            Luma([if is_border(x) || is_border(y) { border } else { inside }])
        })
    };
    save(folder.path(), "a/1.png", framed(240, 20));
    save(folder.path(), "a/2.png", framed(10, 200));
    save(folder.path(), "a/3.png", framed(10, 220));
    save(folder.path(), "a/4.png", framed(120, 220));
    for (number, side) in [1, 2].into_iter().enumerate() {
        // Nothing is inside the border.
        save(
            folder.path(),
            &format!("b/{number}.png"),
            GrayImage::from_pixel(9, side, Luma([255])),
        );
    }
    let survey = survey(folder.path()).unwrap();
    assert_eq!((survey.dark_on_light, survey.light_on_dark), (1, 2));
}

#[test]
fn identical_files_and_near_duplicates_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "a/1.png", grey(1, 40, 40));
    save(folder.path(), "a/2.png", grey(1, 40, 40));
    save(folder.path(), "b/3.png", grey(1, 40, 40));
    save(folder.path(), "b/4.bmp", grey(1, 40, 40));
    save(folder.path(), "b/5.png", grey(4, 40, 40));
    let survey = survey(folder.path()).unwrap();
    assert_eq!((survey.identical_files, survey.contradictory_files), (2, 1));
    assert_eq!(survey.near_duplicates, 1);
}

#[test]
fn splits_are_those_of_the_layout() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "train/a/1.png", grey(1, 9, 9));
    save(folder.path(), "train/a/2.png", grey(2, 9, 9));
    save(folder.path(), "val/a/1.png", grey(3, 9, 9));
    save(folder.path(), "test/a/1.png", grey(4, 9, 9));
    let survey = survey(folder.path()).unwrap();
    assert_eq!(survey.splits, SplitSizes { train: 2, validation: 1, test: 1 });
}

#[test]
fn a_folder_without_a_readable_picture_lists_all_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    for name in ["a/1.png", "a/2.png"] {
        fs::write(folder.path().join(name), b"no picture").unwrap();
    }
    let message = survey(folder.path()).unwrap_err().to_string();
    assert!(message.contains("a/1.png") && message.contains("a/2.png"), "{message}");
}

#[test]
fn pictures_of_several_classes_count_for_each() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..3 {
        save(folder.path(), &format!("{seed}.png"), grey(seed, 20, 10));
    }
    let labels = "file,labels\n0.png,sea;boat\n1.png,sea\n2.png,\n";
    fs::write(folder.path().join("labels.csv"), labels).unwrap();
    let survey = survey(folder.path()).unwrap();
    let counts: Vec<usize> = survey.classes.iter().map(|class| class.pictures).collect();
    assert_eq!((survey.multi_label, survey.pictures, counts), (true, 3, vec![1, 2]));
}
