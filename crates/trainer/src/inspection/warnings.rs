//! Warnings of a data set that follow from its images alone.

use super::class_counts::ClassCounts;
use super::duplicate_images::DuplicateImages;
use super::pixel_statistics::PixelStatistics;
use super::split::{ImageReference, InspectedSplit, SPLITS};
use data::printable;
use metrics::numbers::{counted, grouped};

/// Number of classes or images that a line names.
const NAMED: usize = 5;

/// Images whose pixels are all the same, channel by channel.
pub fn constant_images<'a>(
    splits: &[InspectedSplit<'a>; 3],
    class_names: &'a [String],
) -> Vec<ImageReference<'a>> {
    let mut found = Vec::new();
    for (place, InspectedSplit { set, indices }) in splits.iter().enumerate() {
        let plane = (set.shape().height * set.shape().width) as u64;
        for &index in indices {
            // Numbers are all the same if and only if n·Σx² = (Σx)².
            let is_constant = |&(sum, squares): &(u64, u64)| plane * squares == sum * sum;
            if set.channel_sums(index).iter().all(is_constant) {
                found.push(ImageReference::new(splits, place, index, class_names));
            }
        }
    }
    found
}

/// One line for each kind of problem.
pub fn warnings(
    classes: &[ClassCounts],
    pixels: &PixelStatistics,
    duplicates: &DuplicateImages,
    constant_images: &[ImageReference],
) -> Vec<String> {
    let mut lines = missing_classes(classes);
    for channel in pixels.constant_channels() {
        lines.push(format!("channel {channel} is the same in all training images"));
    }
    for leak in duplicates.leaks() {
        lines.push(format!(
            "{} in {} as well, so the test accuracy is too high",
            counted(leak.images, "test image is", "test images are"),
            leak.splits[0],
        ));
    }
    if duplicates.contradictions() > 0 {
        lines.push(format!(
            "{} different labels: no network can get all of them right",
            counted(
                duplicates.contradictions(),
                "group of equal images has",
                "groups of equal images have"
            ),
        ));
    }
    if !constant_images.is_empty() {
        lines.push(format!(
            "{} of one colour: {}",
            counted(constant_images.len(), "image is", "images are"),
            named(constant_images.iter().map(ToString::to_string))
        ));
    }
    lines
}

/// Classes without any images, and classes without images in a split.
fn missing_classes(classes: &[ClassCounts]) -> Vec<String> {
    let (empty, others): (Vec<&ClassCounts>, Vec<_>) =
        classes.iter().partition(|class| class.images.total == 0);
    let mut lines = Vec::new();
    if !empty.is_empty() {
        let names = named(empty.iter().map(|class| class.name.to_owned()));
        lines.push(format!("no images at all of {names}"));
    }
    for (place, split) in SPLITS.into_iter().enumerate() {
        let missing: Vec<_> =
            others.iter().filter(|class| class.images.splits()[place] == 0).collect();
        if !missing.is_empty() {
            let names = named(missing.iter().map(|class| class.name.to_owned()));
            lines.push(format!("no {split} images of {names}"));
        }
    }
    lines
}

/// The first few names, and how many more there are.
fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let shown: Vec<_> = names.take(NAMED).map(|name| printable(&name).into_owned()).collect();
    let rest = if more > 0 { format!(" and {} more", grouped(more as u64)) } else { String::new() };
    shown.join(", ") + &rest
}
