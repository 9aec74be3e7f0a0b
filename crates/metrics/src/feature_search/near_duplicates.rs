//! Images with nearly the same features.

use rayon::prelude::*;

use super::directions::Directions;
use crate::FeatureMatrix;

/// Rows whose similar images are kept at a time.
const BLOCK: usize = 128;

/// An image with nearly the same features as another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearDuplicate {
    /// Index of the image.
    pub image: usize,
    /// Index of the most similar other image; the first of equals.
    pub nearest: usize,
    /// The cosine of the angle between their features, at most 1.
    pub similarity: f32,
}

/// Groups of images that are connected by pairs with a cosine similarity of at least `threshold`.
/// Groups are in the order of their first images, and have at least two. An image whose features are
/// all zero is in none.
///
/// The time grows with the square of the number of images, the memory with their number.
#[must_use]
pub fn near_duplicates(features: &FeatureMatrix, threshold: f32) -> Vec<Vec<NearDuplicate>> {
    let directions = Directions::of(features);
    let images = directions.len();
    let mut groups = Groups { parents: (0..images).collect() };
    let mut nearest: Vec<Option<(usize, f32)>> = vec![None; images];
    let mut keep = |image: usize, other: usize, similarity: f32| {
        let best = &mut nearest[image];
        if best.is_none_or(|(_, best)| similarity > best) {
            *best = Some((other, similarity));
        }
    };
    let rows: Vec<usize> = (0..images).collect();
    for block in rows.chunks(BLOCK) {
        let similar: Vec<Vec<(usize, f32)>> = block
            .par_iter()
            .map(|&image| {
                let cosines =
                    (image + 1..images).map(|other| (other, directions.cosine(image, other)));
                cosines.filter(|(_, cosine)| *cosine >= threshold && *cosine > 0.0).collect()
            })
            .collect();
        for (&image, similar) in block.iter().zip(&similar) {
            for &(other, cosine) in similar {
                groups.join(image, other);
                keep(image, other, cosine);
                keep(other, image, cosine);
            }
        }
    }
    let mut members: Vec<Vec<NearDuplicate>> = vec![Vec::new(); images];
    for (image, nearest) in nearest.into_iter().enumerate() {
        if let Some((nearest, similarity)) = nearest {
            members[groups.first(image)].push(NearDuplicate { image, nearest, similarity });
        }
    }
    members.retain(|group| !group.is_empty());
    members
}

/// Disjoint sets; the smallest index of each is its root.
struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    fn first(&mut self, mut image: usize) -> usize {
        while self.parents[image] != image {
            self.parents[image] = self.parents[self.parents[image]];
            image = self.parents[image];
        }
        image
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.parents[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(rows: &[[f32; 2]]) -> FeatureMatrix {
        FeatureMatrix::new(rows.concat(), 2).unwrap()
    }

    fn images(groups: &[Vec<NearDuplicate>]) -> Vec<Vec<usize>> {
        groups.iter().map(|group| group.iter().map(|image| image.image).collect()).collect()
    }

    #[test]
    fn images_are_grouped_by_direction() {
        let rows = [[1.0, 0.0], [0.0, 2.0], [3.0, 0.01], [0.0, 0.0], [0.0, 5.0], [-1.0, 0.0]];
        let groups = near_duplicates(&matrix(&rows), 0.999);
        assert_eq!(images(&groups), [vec![0, 2], vec![1, 4]]);
        assert_eq!((groups[0][0].nearest, groups[0][1].nearest), (2, 0));
        assert!(groups[0][0].similarity < 1.0 && groups[1][0].similarity > 0.999_999);
        assert!(near_duplicates(&matrix(&[[0.0, 0.0], [0.0, 0.0]]), -1.0).is_empty());
    }

    proptest! {
        #[test]
        fn pairs_above_the_threshold_share_a_group(
            angles in prop::collection::vec(0_u16..360, 2..300), threshold in 0.9_f32..0.999,
        ) {
            let rows: Vec<[f32; 2]> = angles
                .iter()
                .map(|angle| {
                    let (sine, cosine) = f32::from(*angle).to_radians().sin_cos();
                    [cosine, sine]
                })
                .collect();
            let groups = images(&near_duplicates(&matrix(&rows), threshold));
            let group_of = |image: usize| groups.iter().position(|group| group.contains(&image));
            for one in 0..rows.len() {
                for other in 0..one {
                    let cosine = rows[one][0] * rows[other][0] + rows[one][1] * rows[other][1];
                    if cosine > threshold + 1e-5 {
                        prop_assert!(group_of(one).is_some() && group_of(one) == group_of(other));
                    }
                }
            }
            prop_assert!(groups.iter().all(|group| group.len() > 1 && group.is_sorted()));
            prop_assert!(groups.iter().map(|group| group[0]).is_sorted());
        }
    }
}
