//! Pictures with any number of classes: each is a bright square at a place of its own.
#![allow(dead_code)] // Every test file uses a part of it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The classes, in the order of their labels.
pub const CLASSES: [&str; 3] = ["centre", "left", "right"];

/// A number below 256 that looks random.
fn noise(seed: usize) -> usize {
    (seed.wrapping_mul(2_654_435_761) ^ (seed >> 3).wrapping_mul(40_503)) >> 13 & 0xff
}

/// The classes of a picture, by its number.
pub fn classes_of(number: usize) -> Vec<&'static str> {
    let shows = |class: usize| noise(7 * number + 131 * class) < 110;
    (0..CLASSES.len()).filter(|&class| shows(class)).map(|class| CLASSES[class]).collect()
}

/// Writes so many training and test pictures of `height`×`width` to `folder`, with a `labels.csv`.
pub fn write_pictures(folder: &Path, [train, test]: [usize; 2], height: u32, width: u32) {
    let mut labels = "file,labels,split\n".to_owned();
    for (split, count, first) in [("train", train, 0), ("test", test, train)] {
        fs::create_dir_all(folder.join(split)).unwrap();
        for place in 0..count {
            let number = first + place;
            let classes = classes_of(number);
            let is_bright = |x: u32| {
                let part = (3 * x / width) as usize;
                classes.contains(&["left", "centre", "right"][part])
            };
            let picture = image::GrayImage::from_fn(width, height, |x, y| {
                let level = noise((number << 16) + (y * width + x) as usize) / 4;
                let is_square = (height / 3..2 * height / 3).contains(&y);
                let bright = if is_square && is_bright(x) { 180 } else { 0 };
                image::Luma([(level + bright) as u8])
            });
            let name = format!("{split}/{place:04}.png");
            picture.save(folder.join(&name)).unwrap();
            writeln!(labels, "{name},{},{split}", classes.join(";")).unwrap();
        }
    }
    fs::write(folder.join("labels.csv"), labels).unwrap();
}
