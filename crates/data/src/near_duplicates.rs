//! Images that are nearly the same: frames of one film, copies saved again, crops by a pixel.
//!
//! Such images belong on one side of a split, or the test split measures what was memorized. Each
//! image becomes 16×16 grey levels. Two are near-duplicates if these differ by at most
//! [`MAX_DIFFERENCE`] levels on average. Candidates share a band of a difference hash (Krawetz, "Kind
//! of like that", 2013), so that not all pairs are compared.

use std::collections::BTreeMap;

use crate::image_set::ImageSet;
use crate::picture_facts::{SIDE, Thumbnail};

/// Largest mean difference of two near-duplicates' thumbnails, in grey levels of 255.
const MAX_DIFFERENCE: u32 = 3;
/// A pixel is lighter than its neighbour if it is so by more than this: noise in flat areas is no
/// structure.
const MIN_STEP: u8 = 4;
/// Number of bits of a hash that candidates have in common.
const BAND_BITS: usize = 16;
/// Candidates of one band that an image is compared with, the nearest in mean level first: flat
/// images all have the same hash.
const MAX_COMPARISONS: usize = 64;

/// The group of each image: `[images]`, each the lowest index of the images in the group. An image
/// that is like no other is a group by itself. Likeness is transitive here.
pub(crate) fn near_duplicate_groups(set: &ImageSet) -> Vec<usize> {
    let thumbnails = set.thumbnails();
    let mut groups = Groups::new(set.len());
    for band in 0..SIDE * SIDE / BAND_BITS {
        let mut buckets: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (index, thumbnail) in thumbnails.iter().enumerate() {
            buckets.entry(band_hash(thumbnail, band)).or_default().push(index);
        }
        for mut bucket in buckets.into_values() {
            bucket.sort_by_key(|&index| (sum(&thumbnails[index]), index));
            for (position, &index) in bucket.iter().enumerate() {
                for &other in bucket[position + 1..].iter().take(MAX_COMPARISONS) {
                    if !groups.are_joined(index, other)
                        && are_alike(&thumbnails[index], &thumbnails[other])
                    {
                        groups.join(index, other);
                    }
                }
            }
        }
    }
    (0..set.len()).map(|index| groups.root(index)).collect()
}

/// Which pixels of a row are darker than their right neighbours.
fn band_hash(thumbnail: &Thumbnail, row: usize) -> u16 {
    let levels = &thumbnail[row * SIDE..][..SIDE];
    (0..SIDE).fold(0, |hash, column| {
        let is_step = levels[(column + 1) % SIDE] > levels[column].saturating_add(MIN_STEP);
        hash << 1 | u16::from(is_step)
    })
}

fn sum(thumbnail: &Thumbnail) -> u32 {
    thumbnail.iter().map(|&level| u32::from(level)).sum()
}

fn are_alike(one: &Thumbnail, other: &Thumbnail) -> bool {
    let differences = one.iter().zip(other).map(|(&one, &other)| u32::from(one.abs_diff(other)));
    differences.sum::<u32>() <= MAX_DIFFERENCE * (SIDE * SIDE) as u32
}

/// Disjoint sets, each known by its lowest index.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, index: usize) -> usize {
        let mut index = index;
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    fn are_joined(&mut self, one: usize, other: usize) -> bool {
        self.root(one) == self.root(other)
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::random::{Purpose, stream};
    use crate::shape::ImageShape;

    const SHAPE: ImageShape = ImageShape { channels: 3, height: 24, width: 20 };

    /// Random smooth images.
    fn picture(seed: u64) -> Vec<u8> {
        let mut random = stream(Purpose::Augment, seed, &[]);
        let waves: [f32; 6] = std::array::from_fn(|_| random.random_range(0.1..0.6));
        (0..SHAPE.pixels())
            .map(|at| {
                let (x, y, channel) = (at % 20, at / 20 % 24, at / 480);
                let wave = waves[channel] * x as f32 + waves[channel + 3] * y as f32;
                (127.0 + 120.0 * (wave + seed as f32).sin()) as u8
            })
            .collect()
    }

    fn groups(images: &[Vec<u8>]) -> Vec<usize> {
        let labels = vec![0; images.len()];
        near_duplicate_groups(&ImageSet::new(SHAPE, images.concat(), labels, 1).unwrap())
    }

    #[test]
    fn noise_and_brightness_change_no_group_and_other_pictures_are_others() {
        let noisy = |seed: u64, image: &[u8]| {
            let mut random = stream(Purpose::Augment, seed, &[]);
            let levels = image
                .iter()
                .map(|&level| level.saturating_add(random.random_range(0..4)).saturating_sub(1));
            levels.collect()
        };
        let [one, two] = [picture(1), picture(2)];
        let images = [one.clone(), two.clone(), noisy(3, &two), noisy(4, &one), picture(5)];
        assert_eq!(groups(&images), [0, 1, 1, 0, 4]);
    }

    #[test]
    fn hundred_random_pictures_are_hundred_groups() {
        let images: Vec<_> = (0..100).map(picture).collect();
        assert_eq!(groups(&images), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn flat_images_of_other_levels_are_others() {
        let flat = |level| vec![level; SHAPE.pixels()];
        assert_eq!(groups(&[flat(0), flat(100), flat(1), flat(200)]), [0, 1, 0, 3]);
    }

    #[test]
    fn images_smaller_than_a_thumbnail_are_compared() {
        let shape = ImageShape { channels: 1, height: 2, width: 3 };
        let pixels = vec![0, 9, 200, 40, 5, 6, 0, 9, 200, 40, 5, 6, 200, 9, 0, 40, 5, 6];
        let set = ImageSet::new(shape, pixels, vec![0; 3], 1).unwrap();
        assert_eq!(near_duplicate_groups(&set), [0, 0, 2]);
    }
}
