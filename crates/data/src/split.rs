//! Splits: validation images held out of the training split, subsets for quick runs, and folds for
//! cross-validation.
//!
//! All are stratified: each class keeps its share. An image of several classes counts for the rarest
//! of them (after Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data", 2011,
//! which starts with the rarest label), one without a class for a stratum of its own.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom;
use rand_pcg::Pcg32;

use crate::error::DataError;
use crate::image_set::ImageSet;
use crate::random::{Purpose, stream};
use crate::split_size::SplitSize;

/// The training split, divided into two parts. Every image is in exactly one; both are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Indices of the images to train on.
    pub train: Vec<usize>,
    /// Indices of the images held out for validation.
    pub validation: Vec<usize>,
}

/// Holds `validation` out of `set`, chosen by `seed` and stratified by class.
///
/// # Errors
///
/// [`DataError::Setting`] unless both parts have at least one image.
pub fn train_validation(
    set: &ImageSet,
    validation: SplitSize,
    seed: u64,
) -> Result<Split, DataError> {
    let images = validation.images(set.len());
    if !(1..set.len()).contains(&images) {
        let limits =
            format!("1 to {}, fewer than the {} training images", set.len() - 1, set.len());
        let (value, expected) = match validation {
            SplitSize::Images(images) => (images.to_string(), limits),
            SplitSize::Share(_) => (
                format!("{validation}, which is {images} images"),
                format!("a share that is {limits}"),
            ),
        };
        return Err(DataError::Setting { key: "dataset.validation", value, expected });
    }
    let validation = stratified(set, images, stream(Purpose::Validation, seed, &[]), true);
    let train = (0..set.len()).filter(|index| validation.binary_search(index).is_err()).collect();
    Ok(Split { train, validation })
}

/// Number of groups of near-duplicates that have images in both parts.
#[must_use]
pub(crate) fn groups_in_both(set: &ImageSet, [one, other]: [&[usize]; 2]) -> usize {
    let groups = |part: &[usize]| -> BTreeSet<usize> {
        part.iter().map(|&index| set.group(index)).collect()
    };
    groups(one).intersection(&groups(other)).count()
}

/// What to say about near-duplicates on both sides of a split; nothing if there are none.
pub(crate) fn groups_note(groups: usize, split: &str) -> Option<String> {
    let noun = if groups == 1 { "group" } else { "groups" };
    (groups > 0).then(|| {
        format!(
            "{groups} {noun} of near-duplicates could not be kept out of the {split} split, because a \
             class has hardly anything else: its figures also measure what was memorized"
        )
    })
}

/// Divides `size` test images off `set`, chosen by `seed` and stratified by class; both parts are
/// sorted.
///
/// # Errors
///
/// [`DataError::Setting`] unless both parts have at least one image.
pub(crate) fn train_test(
    set: &ImageSet,
    size: SplitSize,
    seed: u64,
) -> Result<[Vec<usize>; 2], DataError> {
    let images = size.images(set.len());
    if !(1..set.len()).contains(&images) {
        return Err(DataError::Setting {
            key: "dataset.test",
            value: format!("{size}, which is {images} images"),
            expected: format!("1 to {} of the {} images", set.len() - 1, set.len()),
        });
    }
    let test = stratified(set, images, stream(Purpose::Test, seed, &[]), true);
    let train = (0..set.len()).filter(|index| test.binary_search(index).is_err()).collect();
    Ok([train, test])
}

/// Chooses `count` images of `set` by `seed`, stratified by class; sorted indices.
///
/// # Errors
///
/// [`DataError::Subset`] if `count` is zero or exceeds the number of images.
pub fn subset(set: &ImageSet, count: usize, seed: u64) -> Result<Vec<usize>, DataError> {
    if !(1..=set.len()).contains(&count) {
        return Err(DataError::Subset { count, available: set.len() });
    }
    Ok(stratified(set, count, stream(Purpose::Subset, seed, &[]), false))
}

/// Divides the images of `set` into `count` folds by `seed`, stratified by class. Every image is in
/// exactly one fold, and all images of a group are in the same one, unless a class has fewer groups
/// than folds. Apart from groups, the sizes of folds
/// differ by at most one image, and so do those of a class's shares. The indices of a fold are
/// sorted.
///
/// # Errors
///
/// [`DataError::Folds`] unless `count` is at least 2 and every fold can have an image.
pub fn folds(set: &ImageSet, count: usize, seed: u64) -> Result<Vec<Vec<usize>>, DataError> {
    if !(2..=set.len()).contains(&count) {
        return Err(DataError::Folds { count, images: set.len() });
    }
    let mut classes = strata(set, set.has_groups());
    let mut random = stream(Purpose::Folds, seed, &[]);
    let mut folds = vec![Vec::with_capacity(set.len().div_ceil(count)); count];
    for class in &mut classes {
        if class.len() < count {
            *class = singles(class);
        }
        class.shuffle(&mut random);
        let mut of_class = vec![0_usize; count];
        for images in class {
            // The smallest fold of the class, and of those the smallest in all.
            let smallest = (0..count).min_by_key(|&fold| (of_class[fold], folds[fold].len()));
            let fold = smallest.unwrap_or(0);
            of_class[fold] += images.len();
            folds[fold].append(images);
        }
    }
    for fold in &mut folds {
        fold.sort_unstable();
    }
    Ok(folds)
}

/// Chooses `count` images. If `by_group`, whole groups, and so perhaps fewer than `count`; a class
/// whose groups are all too large is chosen from image by image.
fn stratified(set: &ImageSet, count: usize, mut random: Pcg32, by_group: bool) -> Vec<usize> {
    let mut classes = strata(set, by_group && set.has_groups());
    let size = |class: &Vec<Vec<usize>>| class.iter().map(Vec::len).sum();
    let sizes: Vec<usize> = classes.iter().map(size).collect();
    let mut chosen = Vec::with_capacity(count);
    for (class, mut quota) in classes.iter_mut().zip(quotas(&sizes, count)) {
        if quota > 0 && class.iter().all(|images| images.len() > quota) {
            *class = singles(class);
        }
        class.shuffle(&mut random);
        for images in class {
            // A group that is too large leaves its place to smaller ones.
            if images.len() <= quota {
                quota -= images.len();
                chosen.append(images);
            }
        }
    }
    chosen.sort_unstable();
    chosen
}

/// The images of all groups, each alone.
fn singles(groups: &[Vec<usize>]) -> Vec<Vec<usize>> {
    groups.concat().into_iter().map(|index| vec![index]).collect()
}

/// The groups of each class, and last those without a class. A group counts for the rarest class of its
/// first image.
fn strata(set: &ImageSet, has_groups: bool) -> Vec<Vec<Vec<usize>>> {
    let counts = set.targets().class_counts(0..set.len(), set.class_count());
    let mut strata = vec![Vec::new(); set.class_count() + 1];
    for images in groups(set, has_groups) {
        let shown = set.classes(images[0]).iter().map(|&class| usize::from(class));
        let stratum = shown.min_by_key(|&class| counts[class]).unwrap_or(set.class_count());
        strata[stratum].push(images);
    }
    strata
}

/// The images of each group, in the order of their first images; without groups, each image alone.
fn groups(set: &ImageSet, has_groups: bool) -> Vec<Vec<usize>> {
    if !has_groups {
        return (0..set.len()).map(|index| vec![index]).collect();
    }
    let mut places = BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in 0..set.len() {
        let place = *places.entry(set.group(index)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(index);
    }
    groups
}

/// Apportions `count` to classes of these sizes by the largest remainder method; of equal
/// remainders, the lower class comes first.
///
/// No quota exceeds its class's size: a quota is rounded up only if the exact share has a fraction,
/// and so is below the size.
fn quotas(sizes: &[usize], count: usize) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let mut quotas: Vec<usize> = sizes.iter().map(|size| count * size / total).collect();
    let missing = count - quotas.iter().sum::<usize>();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by_key(|&class| std::cmp::Reverse(count * sizes[class] % total));
    for &class in &by_remainder[..missing] {
        quotas[class] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shape::ImageShape;
    use crate::targets::Targets;

    #[test]
    fn images_of_several_classes_are_stratified_by_the_rarest() {
        // Class 0 is on every image but the last ten, class 1 on every tenth as well.
        let sets = (0..100).map(|index| match index {
            90.. => vec![],
            _ if index % 10 == 0 => vec![0, 1],
            _ => vec![0],
        });
        let shape = ImageShape { channels: 1, height: 1, width: 1 };
        let targets = Targets::Sets(sets.collect());
        let set = ImageSet::with_targets(shape, vec![0; 100], targets, 2).unwrap();
        for seed in 0..5 {
            let split = train_validation(&set, SplitSize::Images(30), seed).unwrap();
            let counts = set.targets().class_counts(split.validation.iter().copied(), 2);
            let without = split.validation.iter().filter(|&&index| index >= 90).count();
            assert_eq!((counts, without), (vec![27, 3], 3));
        }
    }

    fn set(labels: Vec<u16>) -> ImageSet {
        let shape = ImageShape { channels: 1, height: 1, width: 1 };
        ImageSet::new(shape, vec![0; labels.len()], labels, 10).unwrap()
    }

    #[test]
    fn quotas_go_to_the_largest_remainders() {
        assert_eq!(quotas(&[50, 30, 20], 7), [4, 2, 1]);
        assert_eq!(quotas(&[1, 1, 1], 2), [1, 1, 0]);
        assert_eq!(quotas(&[5, 0], 5), [5, 0]);
    }

    #[test]
    fn hold_out_that_leaves_a_side_empty_is_refused() {
        let set = set(vec![0, 1, 2]);
        assert!(train_validation(&set, SplitSize::Images(0), 1).is_err());
        let message = train_validation(&set, SplitSize::Images(3), 1).unwrap_err().to_string();
        assert_eq!(
            message,
            "dataset.validation is 3: expected 1 to 2, fewer than the 3 training images"
        );
        for (share, images) in [(0.1, 0), (0.9, 3)] {
            let refused = train_validation(&set, SplitSize::Share(share), 1).unwrap_err();
            let message = format!(
                "dataset.validation is {share}, which is {images} images: expected a share that is \
                 1 to 2, fewer than the 3 training images"
            );
            assert_eq!(refused.to_string(), message);
        }
    }

    #[test]
    fn a_share_holds_out_as_many_images_as_their_number() {
        let set = set((0..200).map(|index| (index % 10) as u16).collect());
        assert_eq!(
            train_validation(&set, SplitSize::Share(0.25), 7).unwrap(),
            train_validation(&set, SplitSize::Images(50), 7).unwrap()
        );
    }

    #[test]
    fn subset_of_none_or_too_many_is_refused() {
        let set = set(vec![0, 1, 2]);
        assert!(subset(&set, 0, 1).is_err() && subset(&set, 4, 1).is_err());
        assert_eq!(subset(&set, 3, 1).unwrap(), [0, 1, 2]);
    }

    #[test]
    fn a_class_of_one_group_is_divided_image_by_image() {
        let mut set = set(vec![0; 20]);
        set.set_groups(vec![0; 20]);
        let [train, test] = train_test(&set, SplitSize::Share(0.25), 1).unwrap();
        assert_eq!((train.len(), test.len()), (15, 5));
        assert_eq!(groups_in_both(&set, [&train, &test]), 1);
    }

    #[test]
    fn seed_decides_the_split() {
        let set = set((0..200).map(|index| (index % 10) as u16).collect());
        let split = |seed| train_validation(&set, SplitSize::Images(50), seed).unwrap();
        assert_eq!(split(7), split(7));
        assert_ne!(split(7), split(8));
    }

    #[test]
    fn folds_need_two_and_an_image_each() {
        let set = set(vec![0, 1, 2]);
        assert_eq!(
            folds(&set, 4, 1).unwrap_err().to_string(),
            "4 folds of 3 images: take at least 2 folds, and no more than images"
        );
        assert!(folds(&set, 1, 1).is_err());
        assert_eq!(folds(&set, 3, 1).unwrap().concat().len(), 3);
    }

    proptest! {
        #[test]
        fn groups_stay_on_one_side(
            members in prop::collection::vec((0_usize..200, 0_u16..3), 20..100), seed: u64,
        ) {
            let labels = members.iter().map(|&(_, label)| label).collect();
            let mut set = set(labels);
            set.set_groups(members.iter().map(|&(group, _)| group).collect());
            let [train, test] = train_test(&set, SplitSize::Share(0.3), seed).unwrap();
            prop_assert_eq!(train.len() + test.len(), members.len());
            prop_assert!(test.len() <= SplitSize::Share(0.3).images(members.len()));
            // Groups of one or two images are never too large for their class's share.
            let sizes = groups(&set, true);
            if sizes.iter().all(|images| images.len() < 3) && train.len() > 30 {
                prop_assert_eq!(groups_in_both(&set, [&train, &test]), 0);
            }
            let classes: Vec<u16> =
                groups(&set, true).iter().map(|images| set.labels()[images[0]]).collect();
            let of_class = |class| classes.iter().filter(|&&other| other == class).count();
            let folds = folds(&set, 4, seed).unwrap();
            prop_assert_eq!(folds.concat().len(), members.len());
            if (0..3).all(|class| of_class(class) >= 4) {
                for (number, fold) in folds.iter().enumerate() {
                    for other in &folds[..number] {
                        prop_assert_eq!(groups_in_both(&set, [fold, other]), 0);
                    }
                }
            }
        }

        #[test]
        fn folds_are_a_stratified_partition(
            labels in prop::collection::vec(0u16..10, 2..300), count in 2_usize..11, seed: u64,
        ) {
            let count = count.min(labels.len());
            let set = set(labels.clone());
            let found = folds(&set, count, seed).unwrap();
            prop_assert_eq!(&found, &folds(&set, count, seed).unwrap());
            prop_assert!(found.iter().all(|fold| fold.is_sorted()));
            let mut all = found.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
            let differ = |sizes: Vec<usize>| sizes.iter().max() > sizes.iter().min().map(|size| size + 1).as_ref();
            prop_assert!(!differ(found.iter().map(Vec::len).collect()));
            for class in 0..10 {
                let of_class = |fold: &Vec<usize>| {
                    fold.iter().filter(|&&index| labels[index] == class).count()
                };
                prop_assert!(!differ(found.iter().map(of_class).collect()));
            }
        }

        #[test]
        fn split_is_a_stratified_partition(
            labels in prop::collection::vec(0u16..10, 2..300), share in 0.0f64..1.0, seed: u64,
        ) {
            let held_out = 1 + (share * (labels.len() - 2) as f64) as usize;
            let set = set(labels.clone());
            let split = train_validation(&set, SplitSize::Images(held_out), seed).unwrap();
            prop_assert_eq!(split.validation.len(), held_out);
            let mut all = [split.train, split.validation.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(&all, &(0..labels.len()).collect::<Vec<_>>());
            for class in 0..10 {
                let of_class = |&&index: &&usize| labels[index] == class;
                let size = all.iter().filter(of_class).count();
                let held = split.validation.iter().filter(of_class).count();
                let share = held_out as f64 * size as f64 / labels.len() as f64;
                prop_assert!((held as f64 - share).abs() < 1.0, "{held}/{size} of class {class}");
            }
        }
    }
}
