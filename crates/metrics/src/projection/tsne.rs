//! t-SNE: an embedding of feature vectors in the plane that keeps neighbours together.
//!
//! After van der Maaten and Hinton, "Visualizing Data using t-SNE" (JMLR 9, 2008), exact: over all
//! pairs of points. It is initialized with the principal components instead of random numbers, and the
//! order of every sum does not depend on the number of threads, so the same features always give the
//! same embedding.

use rayon::prelude::*;

use crate::{FeatureMatrix, principal_components};

/// The largest number of points. All pairs of so many take 200 MB and about a minute.
const MOST_POINTS: usize = 5000;
const ITERATIONS: usize = 1000;
/// Early exaggeration: the first iterations multiply the affinities by this factor (section 3.4). 12
/// is usual since van der Maaten, "Accelerating t-SNE using Tree-Based Algorithms" (JMLR 15, 2014).
const EXAGGERATION: f32 = 12.0;
const EXAGGERATED_ITERATIONS: usize = 250;
/// Initial standard deviation of the first coordinate; Kobak and Berens, "The art of using
/// t-SNE for single-cell transcriptomics" (Nature Communications 10, 2019).
const START_DEVIATION: f64 = 1e-4;
/// Steps of the bisection that finds the precision of a point's Gaussian kernel.
const BISECTIONS: usize = 50;
/// Smaller probabilities become zero: products with them would be subnormal numbers, which slow down
/// processors many times.
const SMALLEST_PROBABILITY: f32 = 1e-20;
/// Number of sums computed side by side, which the compiler turns into vector instructions.
const LANES: usize = 8;

/// Why features cannot be embedded.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum TsneError {
    /// More points than exact t-SNE can handle.
    #[error("{points} points are too many for exact t-SNE: take at most {MOST_POINTS} of them")]
    TooMany {
        /// Number of points.
        points: usize,
    },
    /// A perplexity below 1, or not below a third of the number of points.
    #[error(
        "a perplexity of {perplexity} for {points} points: expected at least 1 and less than a \
         third of the points"
    )]
    Perplexity {
        /// The refused perplexity.
        perplexity: f32,
        /// Number of points.
        points: usize,
    },
}

/// Embeds `features` in the plane; returns a point for each image. The perplexity is roughly the
/// number of neighbours that each point is kept close to; 30 is usual.
///
/// # Errors
/// [`TsneError::TooMany`] for more than 5,000 images, [`TsneError::Perplexity`] unless the perplexity
/// is at least 1 and less than a third of their number.
pub fn tsne(features: &FeatureMatrix, perplexity: f32) -> Result<Vec<[f64; 2]>, TsneError> {
    let points = features.images();
    if points > MOST_POINTS {
        return Err(TsneError::TooMany { points });
    }
    if !(perplexity >= 1.0 && perplexity * 3.0 < points as f32) {
        return Err(TsneError::Perplexity { perplexity, points });
    }
    let affinities = affinities(features, perplexity);
    let mut layout = Layout::new(start(features));
    for iteration in 0..ITERATIONS {
        let early = iteration < EXAGGERATED_ITERATIONS;
        let (exaggeration, momentum) = if early { (EXAGGERATION, 0.5) } else { (1.0, 0.8) };
        layout.step(&affinities, exaggeration, momentum);
    }
    Ok(layout.points())
}

/// The initial embedding: the principal components, scaled down so far that points can still move
/// past each other.
fn start(features: &FeatureMatrix) -> Vec<[f64; 2]> {
    let mut points = principal_components(features).points;
    let squares: f64 = points.iter().map(|[x, _]| x * x).sum();
    let deviation = (squares / points.len() as f64).sqrt();
    let scale = if deviation > 0.0 { START_DEVIATION / deviation } else { 0.0 };
    for coordinate in points.iter_mut().flatten() {
        *coordinate *= scale;
    }
    points
}

/// Symmetric affinities: the joint probabilities that pairs of points are neighbours,
/// `[point][point]`, with a sum of 1 (equation 1 and section 3.1).
fn affinities(features: &FeatureMatrix, perplexity: f32) -> Vec<f32> {
    let points = features.images();
    let conditional: Vec<Vec<f32>> = (0..points)
        .into_par_iter()
        .map(|point| {
            let row = features.row(point);
            let distances: Vec<f32> =
                features.rows().map(|other| squared_distance(row, other)).collect();
            neighbours(point, &distances, perplexity)
        })
        .collect();
    let mut affinities = vec![0.0; points * points];
    affinities.par_chunks_exact_mut(points).enumerate().for_each(|(point, row)| {
        for (other, affinity) in row.iter_mut().enumerate() {
            let sum = conditional[point][other] + conditional[other][point];
            *affinity = if sum < SMALLEST_PROBABILITY { 0.0 } else { sum / (2 * points) as f32 };
        }
    });
    affinities
}

/// The conditional probabilities that `point` picks each other point as its neighbour, from squared
/// distances. Bisection finds the precision of the Gaussian kernel that has the perplexity.
fn neighbours(point: usize, distances: &[f32], perplexity: f32) -> Vec<f32> {
    let others = distances.iter().enumerate().filter(|(other, _)| *other != point);
    let nearest = others.map(|(_, distance)| *distance).fold(f32::INFINITY, f32::min);
    let (mut low, mut high) = (0.0, f32::INFINITY);
    let mut precision = 1.0;
    let mut probabilities = vec![0.0; distances.len()];
    for _ in 0..BISECTIONS {
        // Subtracting the nearest neighbour's distance changes no probability and keeps one term at 1.
        let (mut sum, mut weighted) = (0.0_f64, 0.0_f64);
        for (other, (probability, distance)) in probabilities.iter_mut().zip(distances).enumerate()
        {
            let distance = distance - nearest;
            *probability = if other == point { 0.0 } else { (-distance * precision).exp() };
            sum += f64::from(*probability);
            weighted += f64::from(*probability * distance);
        }
        for probability in &mut probabilities {
            *probability /= sum as f32;
        }
        let entropy = sum.ln() + f64::from(precision) * weighted / sum;
        let difference = entropy - f64::from(perplexity.ln());
        if difference.abs() < 1e-5 {
            break;
        }
        if difference > 0.0 {
            low = precision;
            precision = if high.is_finite() { f32::midpoint(low, high) } else { low * 2.0 };
        } else {
            high = precision;
            precision = f32::midpoint(low, high);
        }
    }
    probabilities
}

fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.remainder().iter().zip(b_lanes.remainder());
    let rest: f32 = rest.map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            let difference = a[lane] - b[lane];
            sums[lane] += difference * difference;
        }
    }
    rest + sums.iter().sum::<f32>()
}

/// The embedding during gradient descent.
struct Layout {
    x: Vec<f32>,
    y: Vec<f32>,
    /// The last change of each coordinate, `[point][x, y]`.
    velocity: Vec<[f32; 2]>,
    /// Adaptive gain of each coordinate's step, which grows while its direction stays the same
    /// (Jacobs, 1988).
    gain: Vec<[f32; 2]>,
    learning_rate: f32,
}

/// The forces on a point, and its term in the sum over all pairs that normalizes the repulsion.
#[derive(Clone, Copy, Default)]
struct Forces {
    attraction: [f32; 2],
    repulsion: [f32; 2],
    closeness: f32,
}

impl Layout {
    fn new(start: Vec<[f64; 2]>) -> Self {
        let points = start.len();
        let (x, y) = start.into_iter().map(|[x, y]| (x as f32, y as f32)).unzip();
        Self {
            x,
            y,
            velocity: vec![[0.0; 2]; points],
            gain: vec![[1.0; 2]; points],
            // Points divided by exaggeration (Belkina et al., Nature Communications 10, 2019); the
            // gradient below lacks the factor 4 that they count in.
            learning_rate: 4.0 * (points as f32 / EXAGGERATION).max(50.0),
        }
    }

    fn points(&self) -> Vec<[f64; 2]> {
        self.x.iter().zip(&self.y).map(|(x, y)| [f64::from(*x), f64::from(*y)]).collect()
    }

    /// One step of gradient descent.
    fn step(&mut self, affinities: &[f32], exaggeration: f32, momentum: f32) {
        let forces: Vec<Forces> = affinities
            .par_chunks_exact(self.x.len())
            .enumerate()
            .map(|(point, affinities)| self.forces(point, affinities))
            .collect();
        let closeness: f32 = forces.iter().map(|forces| forces.closeness).sum();
        for (point, forces) in forces.iter().enumerate() {
            for axis in 0..2 {
                let gradient =
                    exaggeration * forces.attraction[axis] - forces.repulsion[axis] / closeness;
                let velocity = &mut self.velocity[point][axis];
                let gain = &mut self.gain[point][axis];
                let same_direction = (gradient > 0.0) != (*velocity > 0.0);
                *gain = if same_direction { *gain + 0.2 } else { (*gain * 0.8).max(0.01) };
                *velocity = momentum * *velocity - self.learning_rate * *gain * gradient;
            }
            self.x[point] += self.velocity[point][0];
            self.y[point] += self.velocity[point][1];
        }
        center(&mut self.x);
        center(&mut self.y);
    }

    /// The two terms of the gradient (equation 5) at a point; the point's contribution to its own is
    /// zero.
    fn forces(&self, point: usize, affinities: &[f32]) -> Forces {
        let place = [self.x[point], self.y[point]];
        let mut lanes = [Forces::default(); LANES];
        let (x, y) = (self.x.chunks_exact(LANES), self.y.chunks_exact(LANES));
        let affinities = affinities.chunks_exact(LANES);
        let rest = x.remainder().iter().zip(y.remainder()).zip(affinities.remainder());
        for (lane, ((x, y), affinity)) in rest.enumerate() {
            lanes[lane].add(place, [*x, *y], *affinity);
        }
        for ((x, y), affinities) in x.zip(y).zip(affinities) {
            for lane in 0..LANES {
                lanes[lane].add(place, [x[lane], y[lane]], affinities[lane]);
            }
        }
        let mut sum = Forces { closeness: -1.0, ..Forces::default() };
        for lane in lanes {
            for axis in 0..2 {
                sum.attraction[axis] += lane.attraction[axis];
                sum.repulsion[axis] += lane.repulsion[axis];
            }
            sum.closeness += lane.closeness;
        }
        sum
    }
}

impl Forces {
    #[inline]
    fn add(&mut self, place: [f32; 2], other: [f32; 2], affinity: f32) {
        let (dx, dy) = (place[0] - other[0], place[1] - other[1]);
        let closeness = 1.0 / (1.0 + dx * dx + dy * dy);
        let (attraction, repulsion) = (affinity * closeness, closeness * closeness);
        self.attraction[0] += attraction * dx;
        self.attraction[1] += attraction * dy;
        self.repulsion[0] += repulsion * dx;
        self.repulsion[1] += repulsion * dy;
        self.closeness += closeness;
    }
}

fn center(values: &mut [f32]) {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    for value in values {
        *value -= mean;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` points in each of four clusters whose distance is ten times their width.
    fn clusters(count: usize) -> FeatureMatrix {
        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / 2_f32.powi(24) - 0.5
        };
        let values = (0..4 * count)
            .flat_map(|point| (0..10).map(move |dimension| (point, dimension)))
            .map(|(point, dimension)| noise() + if dimension == point % 4 { 10.0 } else { 0.0 })
            .collect();
        FeatureMatrix::new(values, 10).unwrap()
    }

    #[test]
    fn separate_clusters_stay_separate() {
        let map = tsne(&clusters(50), 15.0).unwrap();
        for (point, [x, y]) in map.iter().enumerate() {
            let others = map.iter().enumerate().filter(|(other, _)| *other != point);
            let distance = |[a, b]: &[f64; 2]| (a - x).powi(2) + (b - y).powi(2);
            let nearest = others.min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)));
            assert_eq!(nearest.unwrap().0 % 4, point % 4);
        }
    }

    #[test]
    fn same_features_give_the_same_map() {
        let features = clusters(30);
        let map = tsne(&features, 10.0).unwrap();
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(map, single.install(|| tsne(&features, 10.0)).unwrap());
        assert!(map.iter().flatten().all(|coordinate| coordinate.is_finite()));
    }

    #[test]
    fn probabilities_have_the_perplexity_asked_for() {
        let distances: Vec<f32> = (0..200).map(|other| (other as f32).powi(2)).collect();
        let probabilities = neighbours(0, &distances, 20.0);
        let entropy: f32 = probabilities.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        assert!((entropy.exp() - 20.0).abs() < 0.1, "{}", entropy.exp());
        assert!(probabilities[0].abs() < f32::EPSILON);
    }

    #[test]
    fn identical_points_have_finite_coordinates() {
        let map = tsne(&FeatureMatrix::new(vec![1.0; 40], 2).unwrap(), 5.0).unwrap();
        assert!(map.iter().flatten().all(|coordinate| coordinate.is_finite()));
    }

    #[test]
    fn too_many_points_or_neighbours_are_refused() {
        let many = FeatureMatrix::new(vec![0.0; 5001], 1).unwrap();
        assert_eq!(tsne(&many, 30.0), Err(TsneError::TooMany { points: 5001 }));
        let few = FeatureMatrix::new(vec![0.0; 9], 1).unwrap();
        for perplexity in [0.5, 3.0, 30.0, f32::NAN] {
            assert!(matches!(tsne(&few, perplexity), Err(TsneError::Perplexity { .. })));
        }
    }
}
