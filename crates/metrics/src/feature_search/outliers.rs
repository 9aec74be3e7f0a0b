//! Images that are unlike all others of their class.

use rayon::prelude::*;

use super::directions::Directions;
use crate::FeatureMatrix;

/// The mean cosine distance (1 − cosine, 0 to 2) of every image to its `neighbours` nearest images of
/// the same class, or to all of them where there are fewer; `None` for the only image of a class.
/// Outliers have large distances: Kuan and Mueller, "Back to the Basics: Revisiting
/// Out-of-Distribution Detection Baselines" (2022), within predicted classes.
///
/// `classes` has a class for each image, such as the predicted one. The time grows with the square of
/// the number of images of a class, the memory with their number.
///
/// # Panics
/// If there are not as many classes as images, or `neighbours` is 0.
#[must_use]
pub fn neighbour_distances(
    features: &FeatureMatrix,
    classes: &[usize],
    neighbours: usize,
) -> Vec<Option<f64>> {
    assert_eq!(features.images(), classes.len(), "a class for each image");
    assert!(neighbours > 0, "at least one neighbour");
    let directions = Directions::of(features);
    let count = classes.iter().max().map_or(0, |class| class + 1);
    let mut members = vec![Vec::new(); count];
    for (image, &class) in classes.iter().enumerate() {
        members[class].push(image);
    }
    let distances = classes.par_iter().enumerate().map(|(image, &class)| {
        // Rising; the last one is replaced by each that is nearer.
        let mut nearest: Vec<f32> = Vec::with_capacity(neighbours + 1);
        for &other in members[class].iter().filter(|&&other| other != image) {
            let distance = 1.0 - directions.cosine(image, other);
            let place = nearest.partition_point(|kept| *kept <= distance);
            if place < neighbours {
                nearest.insert(place, distance);
                nearest.truncate(neighbours);
            }
        }
        let sum: f64 = nearest.iter().map(|distance| f64::from(*distance)).sum();
        (!nearest.is_empty()).then(|| sum / nearest.len() as f64)
    });
    distances.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_that_points_elsewhere_is_the_farthest() {
        let rows =
            [[1.0, 0.0], [2.0, 0.1], [1.0, -0.1], [0.0, 1.0], [0.0, 3.0], [0.1, 1.0], [1.0, 0.0]];
        let features = FeatureMatrix::new(rows.concat(), 2).unwrap();
        let distances = neighbour_distances(&features, &[0, 0, 0, 0, 1, 1, 2], 2);
        assert!(distances[3] > Some(0.9) && distances[..3].iter().all(|&near| near < Some(0.02)));
        assert!(distances[4] < Some(0.01) && distances[4] == distances[5], "{distances:?}");
        assert_eq!(distances[6], None);
    }
}
