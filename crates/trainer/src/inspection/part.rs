//! The three parts of a data set.

use std::fmt;

use data::ImageSet;
use serde::Serialize;

use crate::images::Images;

/// What the parts are called.
pub const PARTS: [&str; 3] = ["train", "validation", "test"];

/// Some images of a set.
pub struct Part<'a> {
    pub set: &'a ImageSet,
    pub indices: Vec<usize>,
}

/// Training, validation and test images, in the order of [`PARTS`].
pub fn parts(images: &Images) -> [Part<'_>; 3] {
    let (train, test) = (&images.source.train, &images.source.test);
    [
        Part { set: train, indices: images.split.train.clone() },
        Part { set: train, indices: images.split.validation.clone() },
        Part { set: test, indices: (0..test.len()).collect() },
    ]
}

/// An image by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ImageReference<'a> {
    /// One of [`PARTS`].
    pub split: &'static str,
    /// Its index in the whole data set, where training and validation images stand together.
    pub index: usize,
    pub class: &'a str,
}

impl<'a> ImageReference<'a> {
    /// The image of a part that has this index in the part's set.
    pub fn new(parts: &[Part; 3], part: usize, index: usize, class_names: &'a [String]) -> Self {
        let set = parts[part].set;
        let class = &class_names[usize::from(set.labels()[index])];
        Self { split: PARTS[part], index: set.place(index), class }
    }
}

impl fmt::Display for ImageReference<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.split, self.index)
    }
}
