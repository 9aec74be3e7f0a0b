//! Files of labels, which name the classes of pictures.

use std::fs;
use std::io::Cursor;

use data::{DatasetConfig, ImageSet, InputConfig};
use image::{GrayImage, ImageFormat, Luma};

use crate::scratch;

/// Pictures that a file of labels can name.
const PICTURES: [&str; 4] = ["0.png", "1.png", "2.png", "3.png"];

/// Any bytes as the `labels.csv` of a folder with the pictures `0.png` to `3.png`.
///
/// # Panics
///
/// If an accepted set has a class outside its classes, classes that are not in rising order, more
/// images than there are pictures, or one that is not a picture of the folder.
pub fn label_file(bytes: &[u8]) {
    let folder = scratch::folder();
    for (level, name) in (0..).zip(PICTURES) {
        let picture = GrayImage::from_fn(4, 4, |x, y| Luma([(60 * level + 13 * x + 29 * y) as u8]));
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).expect("a picture is encoded");
        fs::write(folder.path().join(name), png.into_inner()).expect("files can be written");
    }
    fs::write(folder.path().join("labels.csv"), bytes).expect("files can be written");
    let config = DatasetConfig {
        path: Some(folder.path().to_owned()),
        ..DatasetConfig::new("folder".parse().expect("the source exists"))
    };
    let Ok(source) = config.load(&InputConfig::default(), 0, &mut |_| ()) else { return };
    assert!(source.train.len() + source.test.len() <= PICTURES.len());
    for set in [&source.train, &source.test] {
        check(set, source.class_names.len());
    }
}

fn check(set: &ImageSet, classes: usize) {
    assert_eq!(set.class_count(), classes);
    for index in 0..set.len() {
        let shown = set.classes(index);
        assert!(shown.iter().all(|&class| usize::from(class) < classes), "{shown:?} of {classes}");
        assert!(shown.is_sorted_by(|one, other| one < other), "{shown:?}");
        assert!(set.targets().is_multi_label() || shown.len() == 1);
        let file = set.file(index).expect("images are files");
        assert!(PICTURES.contains(&file), "{file}");
    }
}
