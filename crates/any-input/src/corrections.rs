//! Decisions about single training images.

use std::fs;

use data::{DatasetConfig, InputConfig};

use crate::scratch;

/// Four images of 1×1 pixel.
const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 10, 11, 12, 13];
/// Their labels, of two classes.
const LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1];

/// Any bytes as `dataset.corrections` of four images.
///
/// # Panics
///
/// If images that are left have other pixels than before, a label outside the classes, or places
/// that are not in order; if none is left; or if a test image is changed.
pub fn corrections(bytes: &[u8]) {
    let folder = scratch::folder();
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("files can be written");
        path
    };
    for split in ["train", "t10k"] {
        write(&format!("{split}-images-idx3-ubyte"), IMAGES);
        write(&format!("{split}-labels-idx1-ubyte"), LABELS);
    }
    let config = DatasetConfig {
        path: Some(folder.path().to_owned()),
        corrections: Some(write("corrections.csv", bytes)),
        ..DatasetConfig::new("idx".parse().expect("the source exists"))
    };
    let Ok(source) = config.load(&InputConfig::default(), 0, &mut |_| ()) else { return };
    let train = &source.train;
    assert!((1..=4).contains(&train.len()));
    let places: Vec<usize> = (0..train.len()).map(|index| train.place(index)).collect();
    assert!(places.is_sorted_by(|one, other| one < other), "{places:?}");
    for (index, &place) in places.iter().enumerate() {
        let pixels = train.pixels(index).expect("pixels are in memory");
        assert_eq!(usize::from(pixels[0]), 10 + place);
        assert!(train.labels()[index] < 2);
    }
    assert_eq!(
        source.test.labels(),
        &LABELS[8..].iter().map(|&label| label.into()).collect::<Vec<u16>>()
    );
    assert_eq!(source.notes.len(), 1, "{:?}", source.notes);
}
