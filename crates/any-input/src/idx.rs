//! Data sets in the format of MNIST's files.

use std::fs;

use data::{DatasetConfig, ImageSet, InputConfig};

use crate::scratch;

/// The first two bytes of a gzip file (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The labels 0 and 1.
const TWO_LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 2, 0, 1];

/// Any bytes as a file of images and one of labels, plain or gzipped. The first two bytes are the
/// length of the first file, in big-endian order.
///
/// # Panics
///
/// If an accepted set has an image of another size than its shape, or a label outside the classes.
pub fn idx(bytes: &[u8]) {
    let Some((length, files)) = bytes.split_first_chunk() else { return };
    let length = usize::from(u16::from_be_bytes(*length)).min(files.len());
    let (images, labels) = files.split_at(length);
    load(images, labels);
}

/// Any bytes as a gzipped file of two images.
///
/// # Panics
///
/// As [`idx`].
pub fn gzipped_idx(bytes: &[u8]) {
    load(&[&GZIP, bytes].concat(), TWO_LABELS);
}

/// Reads a data set whose two splits have the same files.
fn load(images: &[u8], labels: &[u8]) {
    let folder = scratch::folder();
    for split in ["train", "t10k"] {
        for (kind, content) in [("images-idx3", images), ("labels-idx1", labels)] {
            let path = folder.path().join(format!("{split}-{kind}-ubyte"));
            fs::write(path, content).expect("files can be written");
        }
    }
    let config = DatasetConfig {
        path: Some(folder.path().to_owned()),
        ..DatasetConfig::new("idx".parse().expect("the source exists"))
    };
    let Ok(source) = config.load(&InputConfig::default(), 0, &mut |_| ()) else { return };
    for set in [&source.train, &source.test] {
        check(set, source.class_names.len());
    }
}

fn check(set: &ImageSet, classes: usize) {
    assert_eq!(set.class_count(), classes);
    for (index, &label) in set.labels().iter().enumerate() {
        let pixels = set.pixels(index).expect("they are in memory");
        assert_eq!(pixels.len(), set.shape().pixels(), "image {index}");
        assert!(usize::from(label) < classes, "label {label} of {classes} classes");
    }
}
