//! Feature vectors scaled to length 1, whose products are cosines.

use crate::FeatureMatrix;

/// Sums computed side by side, which the compiler turns into vector instructions.
const LANES: usize = 16;

/// The directions of feature vectors.
pub(super) struct Directions {
    values: Vec<f32>, // [images, dimensions]
    dimensions: usize,
}

impl Directions {
    /// Of `features`; a vector of zeros has no direction and stays zero.
    pub fn of(features: &FeatureMatrix) -> Self {
        let direction = |row: &[f32]| {
            let squares: f64 = row.iter().map(|value| f64::from(*value).powi(2)).sum();
            let scale = if squares > 0.0 { squares.sqrt().recip() } else { 0.0 };
            row.iter().map(move |value| (f64::from(*value) * scale) as f32).collect::<Vec<_>>()
        };
        let values = features.rows().flat_map(direction).collect();
        Self { values, dimensions: features.dimensions() }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.values.len() / self.dimensions
    }

    /// The cosine of the angle between the features of two images, −1 to 1; 0 if one has none.
    pub fn cosine(&self, one: usize, other: usize) -> f32 {
        let (one, other) = (self.row(one), self.row(other));
        let (one_lanes, other_lanes) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
        let rest: f32 = one_lanes
            .remainder()
            .iter()
            .zip(other_lanes.remainder())
            .map(|(one, other)| one * other)
            .sum();
        let mut sums = [0.0; LANES];
        for (one, other) in one_lanes.zip(other_lanes) {
            for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
                *sum += one * other;
            }
        }
        (sums.iter().sum::<f32>() + rest).clamp(-1.0, 1.0)
    }

    fn row(&self, image: usize) -> &[f32] {
        &self.values[image * self.dimensions..][..self.dimensions]
    }
}
