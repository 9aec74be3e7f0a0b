//! Images with exactly the same pixels, within a split and across splits.
//!
//! An image in both the training and the test split inflates the test accuracy. Equal images with
//! different labels cannot both be classified correctly. Images are compared by their pixels; a
//! hash only selects the candidates.

use std::collections::HashMap;

use crate::image_set::{Content, ImageSet};
use crate::shape::ImageShape;
use crate::targets::Label;

/// An image that has the same pixels as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The index of its part in the list passed to [`duplicates`].
    pub part: usize,
    /// Its index in that part's set.
    pub index: usize,
    /// Its class or classes.
    pub label: Label,
}

/// All images with the same shape and the same pixels: at least two, in the order in which they
/// were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateGroup(Vec<Duplicate>);

/// Finds all groups of equal images in `parts`; each part is a set and indices of its images.
/// Groups are in the order of their first images. An index that occurs twice counts as two images.
///
/// # Panics
///
/// If an index is not below its set's [`len`](ImageSet::len).
#[must_use]
pub fn duplicates(parts: &[(&ImageSet, &[usize])]) -> Vec<DuplicateGroup> {
    let count = parts.iter().map(|(_, indices)| indices.len()).sum();
    // With enough capacity, the map never grows; growing would hash all pixels again.
    let mut places: HashMap<(ImageShape, Content), usize> = HashMap::with_capacity(count);
    let mut groups: Vec<Vec<Duplicate>> = Vec::with_capacity(count);
    for (part, &(set, indices)) in parts.iter().enumerate() {
        for &index in indices {
            let place = *places.entry((set.shape(), set.content(index))).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            let label = set.targets().label(index);
            groups[place].push(Duplicate { part, index, label });
        }
    }
    groups.into_iter().filter(|images| images.len() > 1).map(DuplicateGroup).collect()
}

impl DuplicateGroup {
    /// The images; at least two.
    #[must_use]
    pub fn images(&self) -> &[Duplicate] {
        &self.0
    }

    /// Whether not all of its images have the same label.
    #[must_use]
    pub fn labels_differ(&self) -> bool {
        self.0.windows(2).any(|pair| pair[0].label != pair[1].label)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 1, width: 2 };

    /// Images of two pixels with labels 0 to 2.
    fn set(images: &[([u8; 2], u16)]) -> ImageSet {
        let pixels = images.iter().flat_map(|(pixels, _)| *pixels).collect();
        ImageSet::new(SHAPE, pixels, images.iter().map(|image| image.1).collect(), 3).unwrap()
    }

    fn places(group: &DuplicateGroup) -> Vec<(usize, usize)> {
        group.images().iter().map(|image| (image.part, image.index)).collect()
    }

    #[test]
    fn groups_reach_across_parts_and_know_their_labels() {
        let train = set(&[([1, 2], 0), ([3, 4], 1), ([1, 2], 0), ([2, 1], 2)]);
        let test = set(&[([5, 5], 0), ([3, 4], 2), ([5, 5], 0)]);
        let groups = duplicates(&[(&train, &[0, 1]), (&train, &[2, 3]), (&test, &[0, 1, 2])]);
        let all: Vec<_> = groups.iter().map(places).collect();
        assert_eq!(all, [vec![(0, 0), (1, 2)], vec![(0, 1), (2, 1)], vec![(2, 0), (2, 2)]]);
        let differ: Vec<_> = groups.iter().map(DuplicateGroup::labels_differ).collect();
        assert_eq!(differ, [false, true, false]);
    }

    #[test]
    fn equal_pixels_of_another_shape_are_another_image() {
        let upright = ImageShape { height: 2, width: 1, ..SHAPE };
        let upright = ImageSet::new(upright, vec![1, 2], vec![0], 1).unwrap();
        assert!(duplicates(&[(&set(&[([1, 2], 0)]), &[0]), (&upright, &[0])]).is_empty());
    }

    #[test]
    fn nothing_has_no_duplicates() {
        assert!(duplicates(&[]).is_empty());
        assert!(duplicates(&[(&set(&[([1, 2], 0)]), &[])]).is_empty());
    }

    proptest! {
        #[test]
        fn two_images_share_a_group_if_and_only_if_they_are_equal(
            images in prop::collection::vec((prop::array::uniform2(0u8..3), 0u16..3), 1..40),
            share in 0.0f64..1.0,
        ) {
            let set = set(&images);
            let indices: Vec<usize> = (0..images.len()).collect();
            let (left, right) = indices.split_at((share * images.len() as f64) as usize);
            let groups = duplicates(&[(&set, left), (&set, right)]);
            let group_of = |index| {
                let with = |group: &DuplicateGroup| {
                    group.images().iter().any(|image| image.index == index)
                };
                groups.iter().position(with)
            };
            for &one in &indices {
                for &other in &indices[..one] {
                    let together = group_of(one).is_some() && group_of(one) == group_of(other);
                    prop_assert_eq!(together, images[one].0 == images[other].0);
                }
            }
            for group in &groups {
                prop_assert!(group.images().is_sorted_by_key(|image| image.index));
                prop_assert!(group.images().len() > 1);
                for image in group.images() {
                    prop_assert_eq!(image.part, usize::from(image.index >= left.len()));
                    prop_assert_eq!(&image.label, &Label::Class(images[image.index].1));
                }
            }
            let firsts: Vec<_> = groups.iter().map(|group| group.images()[0].index).collect();
            prop_assert!(firsts.is_sorted());
        }
    }
}
