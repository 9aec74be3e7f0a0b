//! The three splits of a data set: training, validation and test images.

use std::fmt;

use data::ImageSet;
use serde::Serialize;

use crate::images::{Images, label_text};

/// Their names.
pub const SPLITS: [&str; 3] = ["train", "validation", "test"];

/// The images of a split.
pub struct InspectedSplit<'a> {
    pub set: &'a ImageSet,
    pub indices: Vec<usize>,
}

/// Training, validation and test images, in the order of [`SPLITS`].
pub fn splits(images: &Images) -> [InspectedSplit<'_>; 3] {
    let (train, test) = (&images.source.train, &images.source.test);
    [
        InspectedSplit { set: train, indices: images.split.train.clone() },
        InspectedSplit { set: train, indices: images.split.validation.clone() },
        InspectedSplit { set: test, indices: (0..test.len()).collect() },
    ]
}

/// An image by its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageReference<'a> {
    /// One of [`SPLITS`].
    pub split: &'static str,
    /// Its index in its split of the data set; training and validation images share one.
    pub index: usize,
    /// Its file, if images are files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The names of its classes, separated by `;`.
    pub class: String,
}

impl<'a> ImageReference<'a> {
    /// The image of a split that has this index in the split's set.
    pub fn new(
        splits: &[InspectedSplit<'a>; 3],
        split: usize,
        index: usize,
        class_names: &[String],
    ) -> Self {
        let set = splits[split].set;
        let class = label_text(set, index, class_names);
        let file = set.file(index);
        Self { split: SPLITS[split], index: set.place(index), file, class }
    }
}

impl fmt::Display for ImageReference<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => formatter.write_str(file),
            None => write!(formatter, "{} {}", self.split, self.index),
        }
    }
}
